"""``gridsample warp``: pictures scaled, rotated, moved, sheared, straightened."""

import argparse

from gridsample.cli.refusal import Refusal
from gridsample.cli.warp.arguments import add

__all__ = ["add", "run"]


def run(options: argparse.Namespace) -> int:
    """Warp one picture, or many."""
    count = len(options.files)
    if not options.out_dir and count != 2:
        if count > 2:
            raise Refusal(f"{count} files need --out-dir, the folder to write to")
        raise Refusal("give IN and OUT, or IN ... and --out-dir D (see gridsample warp --help)")
    if options.out_dir and not count:
        raise Refusal("give the pictures to read (see gridsample warp --help)")
    from gridsample.cli.warp import many  # noqa: PLC0415  (the help needs none of it)

    return many.run(options) if options.out_dir else many.run_single(options)

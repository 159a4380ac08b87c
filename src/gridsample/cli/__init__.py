"""The ``gridsample`` command."""

import argparse
import sys
from collections.abc import Sequence

from gridsample.cli.arguments import parser, shielded
from gridsample.cli.refusal import Refusal, one_line


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    options = parser().parse_args([shielded(argument) for argument in arguments])
    try:
        COMMANDS[options.command](options)
    except Refusal as refusal:
        return _end(options, str(refusal), 2)
    except MemoryError:
        return _end(options, "not enough memory", 2)
    except KeyboardInterrupt:
        return _end(options, "interrupted", 130)
    return 0


def _end(options: argparse.Namespace, message: str, code: int) -> int:
    sys.stderr.write(one_line(f"gridsample {options.command}: {message}"))
    return code


def _info(options: argparse.Namespace) -> None:  # noqa: ARG001  (it has none)
    from gridsample.cli.info import info  # noqa: PLC0415  (each command imports what it needs)

    print(info())


def _warp(options: argparse.Namespace) -> None:
    from gridsample.cli.warp import run  # noqa: PLC0415  (each command imports what it needs)

    run(options)


COMMANDS = {"info": _info, "warp": _warp}

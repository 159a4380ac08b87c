"""The ``gridsample`` command."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from gridsample.cli.arguments import Parser, parser, shielded
from gridsample.cli.refusal import Refusal, one_line


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    options = whole_parser().parse_args([shielded(argument) for argument in arguments])
    try:
        COMMANDS[options.command](options)
    except Refusal as refusal:
        return _end(options, str(refusal), 2)
    except MemoryError:
        return _end(options, "not enough memory", 2)
    except KeyboardInterrupt:
        return _end(options, "interrupted", 130)
    return 0


def whole_parser() -> Parser:
    """Return the parser of the whole command."""
    return parser({name: (help, module(name).add) for name, help in MODULES.items()})


def module(name: str) -> Any:
    """Return the module of a subcommand: it has ``add(parser)``, which says what it takes, and ``run(options)``."""
    return import_module(f"gridsample.cli.{name}")


def _end(options: argparse.Namespace, message: str, code: int) -> int:
    sys.stderr.write(one_line(f"gridsample {options.command}: {message}"))
    return code


def _info(options: argparse.Namespace) -> None:  # noqa: ARG001  (it has none)
    from gridsample.cli.info import info  # noqa: PLC0415  (each command imports what it needs)

    print(info())


def _warp(options: argparse.Namespace) -> None:
    from gridsample.cli.warp import run  # noqa: PLC0415  (each command imports what it needs)

    run(options)


MODULES = {
    "explain": "show how one sample comes about, as a table or a picture",
    "compare": "sample by the reference, each engine and other libraries: differences and times",
    "completion": "print what makes a shell complete the command's words",
}

COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "info": _info,
    "warp": _warp,
    **{name: lambda options: module(options.command).run(options) for name in MODULES},
}

"""The ``gridsample`` command.

A subcommand is a module, or a package, and its row in :data:`COMMANDS`. It has ``add(parser)``, which says what it
takes and is called whenever the command is, and ``run(options)``, which returns the exit code, or None for 0, and
imports what it needs. What it cannot do it raises as a ``Refusal``.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from gridsample.cli.parser import Parser, parser, shielded
from gridsample.cli.refusal import Refusal, say
from gridsample.cli.stopping import Terminated

COMMANDS = {
    "info": "print versions, engines, instruction set and threads",
    "warp": "warp pictures: scale, rotate, move, shear, straighten",
    "explain": "show how one sample comes about, as a table or a picture",
    "explore": "open a page that shows samples while one drags a point or a mesh",
    "compare": "sample by the reference, each engine and other libraries: differences and times",
    "completion": "print what makes a shell complete the command's words",
}


def module(name: str) -> Any:
    """Return the module of a subcommand."""
    return import_module(f"gridsample.cli.{name}")


def whole_parser() -> Parser:
    """Return the parser of the whole command."""
    return parser({name: (help, module(name).add) for name, help in COMMANDS.items()})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    options = whole_parser().parse_args([shielded(argument) for argument in arguments])
    try:
        code: int = module(options.command).run(options) or 0
        return code
    except Refusal as refusal:
        message, code = str(refusal), 2
    except MemoryError:
        message, code = "not enough memory", 2
    except KeyboardInterrupt:
        message, code = "interrupted", 130
    except Terminated:
        message, code = "terminated", 143
    say(f"gridsample {options.command}: {message}")
    return code

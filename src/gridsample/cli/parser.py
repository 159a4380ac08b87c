"""Arguments that every command takes alike: numbers, sizes, points; and one line for a mistake."""

import argparse
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from gridsample import __version__
from gridsample.cli.refusal import one_line


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake gets one line instead of the whole usage, and files may stand between options.

    Attributes
    ----------
    files : str or None
        The argument that takes all files, wherever they stand.
    """

    files: str | None = None

    def error(self, message: str) -> NoReturn:
        """Print the mistake and leave."""
        self.exit(2, one_line(f"{self.prog}: {message} (see {self.prog} --help)"))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Give files that argparse leaves over, as it does behind an option, to their argument."""
        namespace, rest = super().parse_known_args(args, namespace)
        if self.files is not None:
            dashed = [argument for argument in rest if argument.startswith("-") and argument != "-"]
            if dashed:
                hint = "" if dashed[0].startswith("--") else f"; a file of that name is written ./{dashed[0]}"
                self.error(f"unrecognized arguments: {' '.join(dashed)}{hint}")
            getattr(namespace, self.files).extend(rest)
            rest = []
        return namespace, rest


class Once(argparse._StoreAction):
    """An option that must not be given twice, as nobody would see which counts."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        """Store the value, the first time."""
        if getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "given twice")
        super().__call__(parser, namespace, values, option_string)


def number(text: str) -> float:
    """Return a number, finite."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"must be finite; got {text.strip()}")
    return value


def degrees(text: str) -> float:
    """Return an angle that still says a direction."""
    value = number(text)
    if abs(value) > 1e6:
        raise argparse.ArgumentTypeError(f"must be within a million degrees; got {text.strip()}")
    return value


def factor(text: str) -> float:
    """Return a scale, above zero."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be above 0; got {text.strip()}")
    return value


def size(text: str) -> tuple[int, int]:
    """Return a width and a height."""
    match = re.fullmatch(r"([1-9]\d{0,9})[xX]([1-9]\d{0,9})", text, re.ASCII)
    if match is None:
        raise argparse.ArgumentTypeError(f"must be WxH in pixels, such as 640x480; got {text!r}")
    return int(match[1]), int(match[2])


def point(text: str) -> tuple[float, float]:
    """Return the x and y of a point."""
    parts = text.split(",")
    try:
        x, y = (number(part) for part in parts)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be X,Y in pixels, such as 12.5,-3; got {text.strip()!r}") from None
    return x, y


def whole(low: int, high: float) -> Callable[[str], int]:
    """Return a reader of whole numbers within limits."""

    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            limits = f"from {low} to {high}" if math.isfinite(high) else f"from {low} on"
            raise argparse.ArgumentTypeError(f"must be a whole number {limits}; got {text!r}")
        return int(text)

    return read


def shielded(argument: str) -> str:
    """Return an argument that argparse will not take for an option if it is a number or a point, such as -1e-5."""
    try:
        [float(part) for part in argument.split(",")]
    except ValueError:
        return argument
    return f" {argument}" if argument.startswith("-") else argument


def parser(adding: Mapping[str, tuple[str, Callable[[Parser], None]]]) -> Parser:
    """Return the parser of the whole command: by name, each subcommand's help and what adds its arguments."""
    top = Parser(prog="gridsample", description="Sample arrays and images at arbitrary points.")
    top.add_argument("--version", action="version", version=f"gridsample {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (help, add) in adding.items():
        add(commands.add_parser(name, help=help, allow_abbrev=False))
    return top


def names(words: Sequence[str], last: str = "or") -> str:
    """Return words as a sentence has them: ``a, b or c``."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)

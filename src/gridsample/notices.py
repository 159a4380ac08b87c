"""Warnings that are given once per process, at the place of the caller."""

import sys
import warnings

_given: set[str] = set()


def warn_once(what: str, message: str) -> None:
    """Warn of something the first time that it comes up, as from the first line outside of this package."""
    if what not in _given:
        _given.add(what)
        warnings.warn(message, UserWarning, stacklevel=_level_of_caller())


def warn_of_pixel_numbers() -> None:
    """Warn of a grid in -1...1 that holds whole numbers beyond; the core calls this (core/mistakes.h)."""
    warn_once(
        "pixel numbers",
        "grid holds whole numbers beyond 1, as pixels have them, where -1 and 1 are the ends of an axis: pass "
        'coords="pixel" if they are pixels',
    )


def _level_of_caller() -> int:
    package, level, frame = __name__.partition(".")[0], 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        level, frame = level + 1, frame.f_back
    return level

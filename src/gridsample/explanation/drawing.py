"""What all pictures share: Matplotlib, imported when something is drawn; colours; a font that has Chinese."""

import functools
import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gridsample.explanation.words import Language, check_language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POSITIVE, NEGATIVE, OUTSIDE, LINES, INK, PALE = "#2f7de1", "#d9363e", "#f0f0f0", "#b5b5b5", "#1a1a1a", "#6a6a6a"

CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",  # as Matplotlib calls Debian's file of all of Noto Sans CJK
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
"""Fonts that have Chinese, those made for it first."""


def matplotlib(module: str) -> Any:
    """Return a module of Matplotlib, or say what is missing."""
    try:
        return importlib.import_module(f"matplotlib.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        raise ModuleNotFoundError(
            'pictures need Matplotlib: pip install "gridsample[plot]"', name="matplotlib"
        ) from None


@functools.cache
def chinese_font() -> str | None:
    """Return the first of the fonts that there is; fonts that were installed of late are looked for too."""
    manager = matplotlib("font_manager")
    for look_again in (False, True):
        if look_again:
            known = {font.fname for font in manager.fontManager.ttflist}
            for path in manager.findSystemFonts():
                if path not in known:
                    with warnings.catch_warnings(action="ignore"):
                        add(manager.fontManager.addfont, path)
        found = {font.name for font in manager.fontManager.ttflist}
        for name in CHINESE:
            if name in found:
                return name
    return None


def add(font: Callable[[str], None], path: str) -> None:
    """Add a font, if it can be read."""
    try:
        font(path)
    except (OSError, RuntimeError):
        return


@contextmanager
def speaking(language: Language) -> Iterator[Language]:
    """Set the font of what is drawn inside; without one for Chinese, say so and speak English."""
    check_language(language)
    rc_context = importlib.import_module("matplotlib").rc_context if matplotlib("pyplot") else None
    font = chinese_font() if language == "zh" else None
    if language == "zh" and font is None:
        warnings.warn(
            "Matplotlib finds no font with Chinese characters, so the picture is in English; install one, for instance "
            "Debian's fonts-noto-cjk",
            stacklevel=4,
        )
        language = "en"
    assert rc_context is not None
    with rc_context({"font.family": [font, "DejaVu Sans"]} if font else {}):
        yield language


def axes_or_new(ax: "Axes | None", width: float, height: float) -> "Axes":
    """Return the caller's axes, or those of a new figure of a size in inches."""
    if ax is not None:
        return ax
    axes: Axes = matplotlib("pyplot").subplots(figsize=(width, height), layout="constrained")[1]
    return axes

"""Draw the pictures of the documents: ``make pictures``, or ``python docs/draw.py`` where gridsample is installed."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

import gridsample as gs
from gridsample.definitions.boundaries import BOUNDARIES
from gridsample.definitions.kernels import KINDS
from gridsample.explanation.drawing import speaking
from gridsample.explanation.words import Language

IMAGES = Path(__file__).parent / "images"
STYLE = {"savefig.dpi": 88, "savefig.bbox": "tight", "savefig.pad_inches": 0.08}
COLOURS = {"warped": 256}  # a photograph needs more than a drawing
FEW_COLOURS = 64
PHOTOGRAPH = Path(__file__).parents[1] / "examples" / "chelsea.jpg"

ARRAY = np.array([[85, 63, 51, 26], [30, 4, 7, 1], [17, 81, 64, 91], [50, 60, 97, 72]], "float32")[None, None]
ROW = np.array([[[10.0, 40, 20, 30, 70]]])


def explained(*arguments: Any, **options: Any) -> Callable[[], Any]:
    """Return what draws an explanation."""
    return lambda: gs.explain(*arguments, **options).plot()


def rippled() -> Any:
    """Draw a checkerboard under a grid that ripples."""
    y, x = np.mgrid[:48, :64].astype(float)
    board = 0.35 + 0.5 * ((x // 8 + y // 8) % 2)
    grid = np.stack([x + 3 * np.sin(y / 7), y + 4 * np.cos(x / 9)], axis=-1)
    return gs.plot_grid(board[None, None], grid[None], coords="pixel", lines=17)


def warped(language: Language = "en") -> Any:
    """Draw a photograph under a grid, and what is sampled there with two boundaries."""
    title = {"en": "an image, and a grid of points in it", "zh": "一张图像，以及其中的格网"}[language]
    photo = np.asarray(Image.open(PHOTOGRAPH))[None]
    y, x = np.mgrid[-30:330:1.0, -45:496:1.0]
    grid = np.stack([x + 20 * np.sin(y / 45), y + 18 * np.sin(x / 60)], axis=-1)[None]
    options = {"coords": "pixel", "channels": "last"}
    with speaking(language):
        _, axes = plt.subplots(1, 3, figsize=(12, 3.1), layout="constrained")
        axes[0].set_title(title, fontsize=11)
    gs.plot_grid(photo, grid, ax=axes[0], lines=15, **options)
    axes[0].set_title("", loc="left")
    for ax, padding in zip(axes[1:], ("zeros", "reflection"), strict=True):
        ax.imshow(gs.grid_sample(photo, grid, "bicubic", padding, **options)[0])
        ax.set_title(f'grid_sample(image, grid, "bicubic", "{padding}")', fontsize=11)
    for ax in axes:
        ax.axis("off")
    return axes[0]


PICTURES: dict[str, Callable[[], Any]] = {
    "explain-inside": explained(ARRAY, np.array([[[0.1, 0.3]]])),
    "explain-folded": explained(ARRAY, np.array([[[-1.2, 1.3]]]), padding_mode="reflection"),
    "explain-zeros": explained(ARRAY, np.array([[[-1.2, 1.3]]]), 0, "bicubic"),
    "explain-row": explained(ROW, np.array([[[0.9]]]), 0, "lanczos", "border"),
    "explain-volume": explained(
        np.arange(2.0 * 3 * 4).reshape(1, 1, 2, 3, 4), np.array([[[0.3, 0.2, -0.2]]]), 0, "linear", "border"
    ),
    "explain-folded-zh": explained(ARRAY, np.array([[[-1.2, 1.3]]]), padding_mode="reflection", language="zh"),
    "plot-grid": rippled,
    "warped": warped,
    "warped-zh": lambda: warped("zh"),
    "kernels": lambda: gs.plot_kernel(["nearest", "linear", "cubic", "lanczos", "mitchell", "bspline"])[0],
    **{f"kernel-{kind.names[0]}": lambda kind=kind: gs.plot_kernel(kind())[0] for kind in KINDS},
    **{f"boundary-{name}": lambda name=name: gs.plot_boundary(name) for name in BOUNDARIES},
}


def main() -> None:
    """Draw them all."""
    mpl.use("agg")
    with mpl.rc_context(STYLE):
        for name, draw in PICTURES.items():
            path = IMAGES / f"{name}.png"
            held = io.BytesIO()
            draw().figure.savefig(held)
            plt.close("all")
            Image.open(held).convert("RGB").quantize(COLOURS.get(name.removesuffix("-zh"), FEW_COLOURS)).save(
                path, optimize=True
            )  # a third of the bytes
            print(path)


if __name__ == "__main__":
    main()

"""Figures of a photograph: the first one that is warped, and what can go wrong."""

import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import gridsample as gs

CAT = Path(__file__).parents[2] / "examples" / "chelsea.jpg"
LAST = {"channels": "last"}


def cat():
    """Return the photograph (1, 300, 451, 3)."""
    return plt.imread(CAT)[None]


def shown(*pictures):
    """Return a figure of pictures (title, picture) side by side."""
    figure, axes = plt.subplots(1, len(pictures), figsize=(3.1 * len(pictures), 2.5))
    for ax, (title, picture) in zip(axes, pictures, strict=True):
        ax.imshow(picture[0], cmap="gray")
        ax.set_title(title, fontsize=10)
        ax.axis("off")
    return figure


def rotation(degrees):
    """Return a rotation (1, 2, 3) from output to input."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[[c, -s, 0], [s, c, 0]]])


def rotated(degrees, coords):
    """Return the photograph rotated, with the same numbers in pixels or in -1...1."""
    picture = cat()
    center = (225, 149.5) if coords == "pixel" else None
    grid = gs.affine_grid(rotation(degrees), picture.shape, coords=coords, center=center, **LAST)
    return gs.grid_sample(picture, grid, "bilinear", "zeros", coords=coords, **LAST)


def identity(coords="pixel"):
    """Return the grid of the photograph as it is."""
    return gs.affine_grid(rotation(0), cat().shape, coords=coords, **LAST)


def first_picture():
    """Draw what the first example makes."""
    picture = cat()
    grid = gs.affine_grid(rotation(30), picture.shape, coords="pixel", center=(225, 149.5), **LAST)
    return shown(
        ("cat.jpg", picture),
        ("rotated.png", gs.grid_sample(picture, grid, "bicubic", "reflection", coords="pixel", **LAST)),
    )


def black():
    """Draw pixels taken for normalized coordinates."""
    picture, grid = cat(), identity()
    warnings.filterwarnings("ignore", ".*if they are pixels")  # the mistake that is shown
    return shown(
        ('pixels, without coords="pixel"', gs.grid_sample(picture, grid, **LAST)),
        ('coords="pixel"', gs.grid_sample(picture, grid, coords="pixel", **LAST)),
    )


def corner():
    """Draw normalized coordinates taken for pixels."""
    picture, grid = cat(), identity("normalized")
    return shown(
        ('-1...1, with coords="pixel"', gs.grid_sample(picture, grid, "bilinear", "border", coords="pixel", **LAST)),
        ("-1...1, without", gs.grid_sample(picture, grid, "bilinear", "border", **LAST)),
    )


def transposed():
    """Draw a grid whose x and y are swapped."""
    picture, grid = cat(), identity("normalized")
    return shown(
        ("y first", gs.grid_sample(picture, grid[..., ::-1], **LAST)),
        ("x first", gs.grid_sample(picture, grid, **LAST)),
    )


def wrong_way():
    """Draw a rotation in the wrong direction."""
    return shown(
        ("matrix from input to output", rotated(-25, "pixel")),
        ("matrix from output to input", rotated(25, "pixel")),
    )


def sheared():
    """Draw a rotation in -1...1 of a picture that is no square."""
    return shown(("rotated in -1...1", rotated(45, "normalized")), ("rotated in pixels", rotated(45, "pixel")))


def half_a_pixel():
    """Draw a grid made by one convention and used by the other."""
    picture = cat()[:, 90:114, 140:176]
    grid = gs.affine_grid(rotation(0), (1, 192, 288, 3), align_corners=True, **LAST)
    right = gs.grid_sample(picture, grid, "bilinear", "zeros", True, **LAST)
    wrong = gs.grid_sample(picture, grid, "bilinear", "zeros", False, **LAST)
    difference = np.abs(right.astype(float) - wrong).mean(-1)
    return shown(("made with True, used with False", wrong), ("True both times", right), ("difference", difference))


def dark_rim():
    """Draw the rim that zeros leaves."""
    picture = cat()[:, 90:102, 140:158]
    grid = gs.affine_grid(rotation(0), (1, 192, 288, 3), **LAST)
    return shown(
        ('"zeros"', gs.grid_sample(picture, grid, "bilinear", "zeros", **LAST)),
        ('"border"', gs.grid_sample(picture, grid, "bilinear", "border", **LAST)),
    )


def skipped():
    """Draw a picture made much smaller, with and without a blur before."""
    y, x = np.mgrid[:240, :360] - np.array([120.0, 180.0])[:, None, None]
    rings = (0.5 + 0.5 * np.cos((x**2 + y**2) / 230))[None, ..., None]
    grid = gs.affine_grid(rotation(0), (1, 60, 90, 1), **LAST)
    return shown(
        ("rings", rings),
        ("a quarter, sampled", gs.grid_sample(rings, grid, "bicubic", **LAST)),
        ("means of 4 x 4 pixels", rings.reshape(1, 60, 4, 90, 4, 1).mean((2, 4))),
    )


def torn():
    """Draw a picture with NaN, read as it is and with a mask."""
    picture = cat()[:, 60:180, 100:280].astype(float) / 255
    hole = np.random.default_rng(0).random(picture.shape[1:3]) < 0.05
    picture[0, hole] = np.nan
    grid = gs.affine_grid(rotation(0), (1, 240, 360, 3), **LAST)
    plain = gs.grid_sample(picture, grid, "bilinear", "border", **LAST)
    values, _ = gs.sample_masked(picture, ~hole[None, ..., None], grid, "bilinear", "border", min_weight=0.1, **LAST)
    return shown(("NaN spreads (white)", np.nan_to_num(plain, nan=1)), ("sample_masked", np.nan_to_num(values, nan=1)))


FIGURES = {
    function.__name__: function
    for function in (
        first_picture, black, corner, transposed, wrong_way, sheared, half_a_pixel, dark_rim, skipped, torn,
    )
}  # fmt: skip

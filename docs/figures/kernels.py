"""The figure that compares kernels by what they lose."""

import matplotlib.pyplot as plt
import numpy as np
from pictures import cat, rotation

import gridsample as gs

KERNELS = {
    "nearest": ("nearest", 1),
    "bilinear": ("bilinear", 2),
    "bicubic, Keys(-0.75)": ("bicubic", 4),
    "Keys(-0.5)": (gs.Keys(-0.5), 4),
    "Mitchell()": (gs.Mitchell(), 4),
    "Lanczos(3)": (gs.Lanczos(3), 6),
    "Lanczos(4)": (gs.Lanczos(4), 8),
    "BSpline(2)": (gs.BSpline(2), 3),
    "BSpline(3)": (gs.BSpline(3), 4),
    "BSpline(5)": (gs.BSpline(5), 6),
    "BSpline(7)": (gs.BSpline(7), 8),
}
LABEL = {"BSpline(2)": (-28, -13), "bicubic, Keys(-0.75)": (8, 2), "BSpline(3)": (8, -4)}  # where they have room


def kernel_errors():
    """Draw the error after ten rotations by 36 degrees against the number of pixels that a sample weighs."""
    picture = np.moveaxis(cat()[:, 20:276, 80:336].astype(float) / 255, -1, 1).mean(1, keepdims=True)
    grid = gs.affine_grid(rotation(36), picture.shape, coords="pixel", center=(127.5, 127.5))
    y, x = np.mgrid[:256, :256] - 127.5
    middle = np.hypot(x, y) < 90  # what never comes near an edge
    figure, ax = plt.subplots(figsize=(7.2, 4.2))
    for name, (mode, taps) in KERNELS.items():
        turned = picture
        for _ in range(10):
            turned = gs.grid_sample(turned, grid, mode, "mirror", coords="pixel")
        error = 100 * np.sqrt(((turned - picture)[0, 0, middle] ** 2).mean())
        color = "tab:orange" if "BSpline" in name else "tab:blue"
        ax.plot(taps**2, error, "o", color=color)
        ax.annotate(
            name, (taps**2, error), LABEL.get(name, (7, -1)), textcoords="offset points", fontsize=9, va="center"
        )
    ax.set(xlabel="pixels that a sample weighs, in two dimensions", ylabel="error after ten rotations, % of white")
    ax.set(ylim=(0, None), xlim=(0, 76), xticks=[1, 4, 9, 16, 36, 64])
    return figure


FIGURES = {"kernel_errors": kernel_errors}

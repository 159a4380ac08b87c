"""Figures of the pages about the concept."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import ConnectionPatch

import gridsample as gs

BLUE, ORANGE, GREEN, GREY = "tab:blue", "tab:orange", "tab:green", "0.55"
VALUES = np.array([1.0, 3.0, 2.0, 4.0, 0.5, 2.5])


def pixels(ax, height, width, face="0.93"):
    """Draw an array's pixels as squares with a dot in the middle, rows downwards."""
    for i in range(height):
        for j in range(width):
            ax.add_patch(plt.Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=face, edgecolor="white", linewidth=2))
    y, x = np.mgrid[:height, :width]
    ax.plot(x.ravel(), y.ravel(), ".", color="0.4", markersize=5)
    ax.set(xlim=(-1.5, width + 0.6), ylim=(height + 0.5, -1.7), aspect="equal")
    ax.axis("off")


def square():
    """Draw the square from -1 to 1 over the pixels, by both conventions."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.7))
    for ax, align_corners in zip(axes, (False, True), strict=True):
        height, width = 3, 4
        pixels(ax, height, width)
        corners = gs.to_pixels(np.array([[-1.0, -1.0], [1.0, 1.0]]), (height, width), align_corners)
        (left, top), (right, bottom) = corners
        ax.add_patch(
            plt.Rectangle(
                (left, top), right - left, bottom - top, fill=False, edgecolor=ORANGE, linewidth=2.5, zorder=3
            )
        )
        for x, y, text, side in (
            (left, top, "(−1, −1)", "left"),
            (right, top, "(1, −1)", "right"),
            (left, bottom, "(−1, 1)", "left"),
            (right, bottom, "(1, 1)", "right"),
        ):
            ax.plot(x, y, "o", color=ORANGE, zorder=4)
            ax.annotate(
                text, (x, y), (0, 9 if y == top else -9), textcoords="offset points", color=ORANGE, ha=side,
                va="bottom" if y == top else "top", weight="bold", fontsize=9,
            )  # fmt: skip
        ax.plot(*gs.to_pixels(np.zeros((1, 2)), (height, width), align_corners)[0], "+", color=ORANGE, markersize=11)
        arrow = {"arrowstyle": "->", "color": BLUE, "linewidth": 1.8}
        ax.annotate("", (2.6, -1.35), (0, -1.35), arrowprops=arrow)
        ax.text(2.75, -1.35, "x", color=BLUE, va="center", weight="bold")
        ax.annotate("", (-1.3, 2.2), (-1.3, 0), arrowprops=arrow)
        ax.text(-1.3, 2.45, "y", color=BLUE, ha="center", va="top", weight="bold")
        ax.set_title(f"align_corners={align_corners}", family="monospace", fontsize=10)
    return figure


def axis_rulers():
    """Draw one axis of four pixels, with positions in pixels and in -1...1 by both conventions."""
    size = 4
    figure, ax = plt.subplots(figsize=(8, 2.7))
    for i in range(size):
        ax.add_patch(plt.Rectangle((i - 0.5, 0), 1, 0.7, facecolor="0.93", edgecolor="white", linewidth=2))
        ax.text(i, 0.35, f"pixel {i}", ha="center", va="center", fontsize=9)
    rulers = (
        (-0.35, "p, in pixels", GREY, np.arange(-0.5, 4, 0.5), lambda p: p),
        (-1.15, "g, align_corners=False", ORANGE, np.arange(-0.5, 4, 0.5), lambda p: (2 * p + 1) / size - 1),
        (-1.95, "g, align_corners=True", BLUE, np.arange(0, 3.5, 0.5), lambda p: 2 * p / (size - 1) - 1),
    )
    for level, name, color, at, value in rulers:
        ax.plot([at[0], at[-1]], [level, level], color=color, linewidth=2)
        for p in at:
            ax.plot([p, p], [level - 0.08, level + 0.08], color=color)
            text = f"{value(p):.2f}".rstrip("0").rstrip(".").replace("-", "−")
            ax.text(p, level - 0.15, text or "0", ha="center", va="top", fontsize=8, color=color)
        ax.text(-0.8, level, name, ha="right", va="center", fontsize=9, color=color)
    ax.set(xlim=(-2.6, 4), ylim=(-2.4, 0.8))
    ax.axis("off")
    return figure


def grid_arrows():
    """Draw how each output point looks at a place of the input."""
    figure, axes = plt.subplots(1, 2, figsize=(8.5, 3.3))
    image = np.add.outer(np.arange(4.0), np.arange(5.0) ** 1.3) + np.eye(4, 5) * 3
    angle = 0.35
    theta = np.array([[[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0]]]) * 0.75
    grid = gs.affine_grid(theta, (1, 1, 3, 4), coords="pixel", center=(1.5, 1.0)) + 0.5
    result = gs.grid_sample(image[None, None], grid, coords="pixel")[0, 0]
    for ax, picture, title in ((axes[0], image, "input"), (axes[1], result, "output")):
        ax.imshow(picture, cmap="Blues", vmin=-2, vmax=image.max())
        ax.set(
            title=f"{title}, {picture.shape[0]} x {picture.shape[1]}",
            xticks=range(picture.shape[1]),
            yticks=range(picture.shape[0]),
        )
        ax.spines[:].set_visible(False)
    axes[0].plot(*grid[0].reshape(-1, 2).T, "o", color=ORANGE)
    for i, j in ((0, 0), (1, 2), (2, 3)):
        connection = {"coordsA": axes[1].transData, "coordsB": axes[0].transData}
        figure.add_artist(
            ConnectionPatch(
                (j, i),
                tuple(grid[0, i, j]),
                arrowstyle="->",
                color=ORANGE,
                connectionstyle="arc3,rad=0.15",
                **connection,
            )
        )
        axes[1].plot(j, i, "o", color=ORANGE)
    return figure


def footprint():
    """Draw a place between four pixels, and the areas that are their weights."""
    figure, ax = plt.subplots(figsize=(4.6, 3.6))
    x, y = 0.3, 0.6
    colors = (BLUE, ORANGE, GREEN, "tab:red")
    areas = ((x, y, 1, 1), (0, y, x, 1), (x, 0, 1, y), (0, 0, x, y))
    for (i, j), color, (left, top, right, bottom) in zip(((0, 0), (0, 1), (1, 0), (1, 1)), colors, areas, strict=True):
        ax.add_patch(plt.Rectangle((left, top), right - left, bottom - top, facecolor=color, alpha=0.3))
        ax.plot(j, i, "o", color=color, markersize=10)
        weight = (1 - x if j == 0 else x) * (1 - y if i == 0 else y)
        ax.annotate(
            f"{weight:.2f}", (j, i), (-14 if j == 0 else 14, 0), textcoords="offset points", color=color,
            ha="right" if j == 0 else "left", va="center", weight="bold",
        )  # fmt: skip
    ax.plot(x, y, "x", color="black", markersize=10, markeredgewidth=2)
    ax.annotate("the place", (x, y), (8, -10), textcoords="offset points")
    ax.set(xlim=(-0.4, 1.4), ylim=(1.2, -0.2), aspect="equal")
    ax.axis("off")
    return figure


def modes():
    """Draw a row of values, read everywhere by the three classic kernels."""
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 2.7), sharey=True)
    p = np.linspace(0, len(VALUES) - 1, 1001)
    for ax, mode in zip(axes, ("nearest", "bilinear", "bicubic"), strict=True):
        curve = gs.grid_sample(VALUES[None, None], p[None, :, None], mode, "border", coords="pixel")[0, 0]
        if mode == "nearest":
            curve = np.where(np.abs(np.diff(curve, append=curve[-1])) > 0, np.nan, curve)
        ax.plot(p, curve, color=ORANGE)
        ax.plot(VALUES, "o", color=BLUE)
        ax.set(title=mode, xlabel="position, in pixels", xticks=range(len(VALUES)))
    axes[0].set_ylabel("value")
    return figure


BOUNDARIES = ("zeros", "border", "mirror", "symmetric", "wrap")


def boundaries():
    """Draw how each boundary continues a row of four values."""
    row = np.array([1.0, 3.0, 2.0, 4.0])
    figure, axes = plt.subplots(len(BOUNDARIES), 1, figsize=(8, 6.4), sharex=True, sharey=True)
    p, whole = np.linspace(-5, 8, 1301), np.arange(-5, 9)
    for ax, name in zip(axes, BOUNDARIES, strict=True):
        curve = gs.grid_sample(row[None, None], p[None, :, None], "bilinear", name, coords="pixel")[0, 0]
        ghosts = gs.grid_sample(row[None, None], whole[None, :, None] * 1.0, "nearest", name, coords="pixel")[0, 0]
        ax.axvspan(-0.5, 3.5, color="0.94")
        ax.plot(p, curve, color=ORANGE)
        ax.plot(whole, ghosts, "o", markerfacecolor="white", color=GREY)
        ax.plot(row, "o", color=BLUE)
        for x, letter in zip(range(4), "abcd", strict=True):
            ax.text(x, row[x] + 0.35, letter, ha="center", color=BLUE)
        ax.set(yticks=[], ylim=(-0.5, 5.2))
        ax.set_ylabel(name, rotation=0, ha="right", va="center", family="monospace")
        ax.spines["left"].set_visible(False)
    axes[-1].set(xlabel="position, in pixels", xticks=whole)
    return figure


def volume():
    """Draw a place in three dimensions, and its eight neighbours."""
    figure = plt.figure(figsize=(5.2, 4.2))
    ax = figure.add_subplot(projection="3d")
    corners = np.array(list(np.ndindex(2, 2, 2)))
    for a in corners:
        for b in corners:
            if (np.abs(a - b)).sum() == 1:
                ax.plot(*zip(a, b, strict=True), color="0.75", linewidth=1)
    place = np.array([0.3, 0.6, 0.4])
    weights = np.prod(np.where(corners == 1, place, 1 - place), axis=1)
    ax.scatter(*corners.T, s=40 + 900 * weights, color=BLUE, alpha=0.75)
    for corner, weight in zip(corners, weights, strict=True):
        ax.text(*(corner + np.array([0.06, 0, 0.06])), f"{weight:.2f}", fontsize=8)
    x, y, z = place
    for end in ((x, y, 0), (x, 0, z), (0, y, z)):
        ax.plot(*zip(place, end, strict=True), color=ORANGE, linewidth=1, linestyle=":")
    ax.scatter(*place, marker="x", color=ORANGE, s=90, linewidths=3)
    ax.set(xlabel="x (width)", ylabel="y (height)", zlabel="z (depth)", xticks=[0, 1], yticks=[0, 1], zticks=[0, 1])
    ax.invert_yaxis()
    ax.view_init(18, -50)
    return figure


def beyond():
    """Draw places near an edge, whose neighbours are not all in the array."""
    figure, ax = plt.subplots(figsize=(6, 3.4))
    pixels(ax, 3, 4)
    for (x, y), color in (((1.4, 0.7), GREEN), ((3.3, 1.6), ORANGE), ((-0.8, 2.4), "tab:red")):
        for j in (np.floor(x), np.floor(x) + 1):
            for i in (np.floor(y), np.floor(y) + 1):
                inside = 0 <= j < 4 and 0 <= i < 3
                ax.plot([x, j], [y, i], color=color, linewidth=1, linestyle="-" if inside else ":")
                ax.plot(j, i, "o", color=color, markerfacecolor=color if inside else "white", markersize=8)
        ax.plot(x, y, "x", color=color, markersize=9, markeredgewidth=2.5)
    ax.set(xlim=(-1.2, 4.4), ylim=(3.3, -0.6))
    return figure


def pull_push():
    """Draw sampling and splatting as the same arrows, in opposite directions."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 2.5))
    for ax, title in zip(axes, ("grid_sample reads", "grid_splat adds"), strict=True):
        reads = title == "grid_sample reads"
        ax.plot(range(5), np.zeros(5), "s", color=BLUE, markersize=22, alpha=0.35)
        places = (0.3, 1.75, 3.0)
        for x in places:
            ax.plot(x, 1, "o", color=ORANGE, markersize=9)
            for j in (int(x), int(x) + 1):
                weight = 1 - abs(x - j)
                if weight <= 0:
                    continue
                start, end = ((j, 0.17), (x, 0.88)) if reads else ((x, 0.88), (j, 0.17))
                arrow = {
                    "arrowstyle": "->",
                    "color": "0.3",
                    "linewidth": 0.6 + 2.4 * weight,
                    "shrinkA": 0,
                    "shrinkB": 0,
                }
                ax.annotate("", end, start, arrowprops=arrow)
                ax.text(
                    x + 0.3 * (j - x) + (0.1 if j > x else -0.1),
                    0.68,
                    f"{weight:.2f}".rstrip("0").rstrip("."),
                    fontsize=8,
                    ha="left" if j > x else "right",
                )
        ax.text(4.6, 0, "array", color=BLUE, va="center")
        ax.text(4.6, 1, "values at places", color=ORANGE, va="center")
        ax.set(title=title, xlim=(-0.6, 6.4), ylim=(-0.35, 1.3))
        ax.axis("off")
    return figure


FIGURES = {
    function.__name__: function
    for function in (square, axis_rulers, grid_arrows, footprint, modes, boundaries, volume, beyond, pull_push)
}

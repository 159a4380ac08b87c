"""
Undo the distortion of a lens
=============================

Wide lenses bend straight lines. The bending is that of a few numbers, and they can be
found in one picture of something with straight edges, such as a chessboard: whichever
numbers make its lines straight are the lens's. With them, undistorting is one call of
:func:`~gridsample.grid_sample`.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy import optimize
from skimage import feature

import gridsample as gs

# %%
# The lens
# --------
#
# Brown's radial model [1]_: a point at a distance r from the middle of an ideal picture
# is seen at (1 + k1 r² + k2 r⁴) times its distance. Points are in pixels, x first; r
# counts in half diagonals. A negative k1 is a barrel, as wide lenses have it.

height, width = 480, 640
middle = np.array([width - 1, height - 1]) / 2
half_diagonal = np.hypot(width, height) / 2


def distort(points, k1, k2):
    """Return where a lens shows points (..., 2) of an ideal picture, both in pixels."""
    offset = (points - middle) / half_diagonal
    r2 = (offset**2).sum(-1, keepdims=True)
    return middle + half_diagonal * offset * (1 + k1 * r2 + k2 * r2**2)


def undistort(points, k1, k2):
    """Return the inverse of ``distort``, by Newton's method for the distance."""
    offset = (points - middle) / half_diagonal
    seen = np.sqrt((offset**2).sum(-1, keepdims=True))
    r = seen.copy()
    for _ in range(8):
        r -= (r * (1 + k1 * r**2 + k2 * r**4) - seen) / (
            1 + 3 * k1 * r**2 + 5 * k2 * r**4
        )
    return middle + half_diagonal * offset * np.where(
        seen > 0, r / np.maximum(seen, 1e-12), 1
    )


# %%
# The photograph
# --------------
#
# A board of 8 by 11 squares, slightly rotated, seen through a lens of k1 = -0.28, k2 =
# 0.06, with some noise. Each pixel is the mean of 4 by 4 rays, so that edges are as
# smooth as those of a camera.

TRUE_LENS = (-0.28, 0.06)
SQUARE, ROWS, COLUMNS = 50.0, 8, 11
BOARD_MIDDLE = np.array([COLUMNS / 2, ROWS / 2])
angle = np.radians(4)
rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def photograph(lens, rng):
    """Return a picture (height, width) of the board through a lens."""
    rays = (np.arange(4) + 0.5) / 4 - 0.5
    y, x = np.meshgrid(
        (np.arange(height)[:, None] + rays).ravel(),
        (np.arange(width)[:, None] + rays).ravel(),
        indexing="ij",
    )
    ideal = undistort(np.stack([x, y], axis=-1), *lens)
    board = (ideal - middle) @ rotation / SQUARE + BOARD_MIDDLE
    inside = ((board >= 0) & (board < [COLUMNS, ROWS])).all(-1)
    white = ~inside | (np.floor(board).sum(-1) % 2 == 0)
    picture = white.reshape(height, 4, width, 4).mean((1, 3)) * 0.8 + 0.1
    return (picture + rng.normal(0, 0.01, picture.shape)).astype(np.float32)


picture = photograph(TRUE_LENS, np.random.default_rng(0))

# %%
# Corners, and how straight their lines are
# -----------------------------------------
#
# The board's inner corners are found to a fraction of a pixel where the gradients
# around them meet. Points of one row or column of the board should lie on a line, and
# their distance from the line that fits best says by how much they do not.
#
# Where to look, to a pixel or two, is what a few clicks or a detector of corners would
# say; here it is known.

# (7, 10, 2)
ideal = np.stack(np.meshgrid(np.arange(1, COLUMNS), np.arange(1, ROWS)), axis=-1)
ideal = (ideal - BOARD_MIDDLE) * SQUARE @ rotation.T + middle


def find_corners(picture, guess):
    """Return the corners (rows, columns, 2) of the board near a guess."""
    whole = np.rint(guess[..., ::-1]).reshape(-1, 2)
    return feature.corner_subpix(picture, whole, window_size=13)[:, ::-1].reshape(
        guess.shape
    )


def distances_from_lines(corners):
    """Return how far each corner is from its row's and its column's line, in pixels."""
    distances = []
    for line in [*corners, *corners.transpose(1, 0, 2)]:
        centred = line - line.mean(0)
        distances.append(centred @ np.linalg.svd(centred, full_matrices=False)[2][1])
    return np.concatenate(distances)


def root_mean_square(values):
    """Return it."""
    return np.sqrt(np.mean(np.square(values)))


corners = find_corners(picture, distort(ideal, *TRUE_LENS))
before = root_mean_square(distances_from_lines(corners))
print(f"before: corners lie {before:.2f} pixels from straight lines")

# %%
# The lens from the lines
# -----------------------
#
# Nothing needs to be known about the board but that its lines are straight.

fit = optimize.least_squares(
    lambda lens: distances_from_lines(undistort(corners, *lens)), x0=[0.0, 0.0]
)
for name, found, true in zip(("k1", "k2"), fit.x, TRUE_LENS, strict=True):
    print(f"{name} = {found:.3f} (true {true})")

# %%
# The picture without it
# ----------------------
#
# Each pixel of the ideal picture is read where the lens shows it: that is ``distort``,
# and not its inverse.

pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
straight = gs.grid_sample(
    picture[None, None],
    distort(pixels, *fit.x)[None],
    "bicubic",
    "border",
    coords="pixel",
)[0, 0]

straight_corners = find_corners(straight, ideal)
after = root_mean_square(distances_from_lines(straight_corners))
print(f"after:  corners lie {after:.3f} pixels from straight lines")

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for ax, image, points, title in (
    (axes[0], picture, corners, f"before: {before:.2f} pixels from straight"),
    (axes[1], straight, straight_corners, f"after: {after:.3f} pixels from straight"),
):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    for line in [points[0], points[-1], points[:, 0], points[:, -1]]:
        ax.plot(*line[[0, -1]].T, color="tab:orange")
    ax.plot(*points.reshape(-1, 2).T, ".", color="tab:red", markersize=4)
    ax.set(title=title, xticks=[], yticks=[])
plt.show()

# %%
# The orange lines join the first and the last corner of the outermost rows and columns.
#
# .. [1] Duane C. Brown, "Decentering distortion of lenses", 1966.

"""
Warp a stereo pair by its disparity
===================================

Two cameras side by side see the same scene, and a nearer thing is shifted further
between the two pictures. If the shift of every pixel is known, one picture can be
warped onto the other. What does not match then is what only one of the cameras sees.

The pair is *Motorcycle* of the Middlebury stereo benchmark [1]_, with its measured
disparity, as scikit-image brings it.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
from skimage import data

import gridsample as gs

left, right, disparity = data.stereo_motorcycle()
left, right = left / np.float32(255), right / np.float32(255)
measured = np.isfinite(disparity)
print(
    f"{left.shape[1]} x {left.shape[0]} pixels, {measured.mean():.1%} of them measured"
)

figure, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained")
for ax, picture, title in zip(
    axes,
    (left, right, np.where(measured, disparity, np.nan)),
    ("left", "right", "disparity, in pixels"),
    strict=True,
):
    shown = ax.imshow(picture)
    ax.set(title=title, xticks=[], yticks=[])
figure.colorbar(shown, ax=axes[2])
plt.show()

# %%
# What the left camera sees at column x, the right one sees at column x - d. That is a
# displacement in pixels, x first, and ``coords="relative"`` takes it as it is. The
# displacement of pixels without a measurement is NaN, and so is their sample: nothing
# has to be invented for them.

displacement = np.stack(
    [np.where(measured, -disparity, np.nan), np.zeros_like(disparity)], axis=-1
)
warped = gs.grid_sample(
    right[None], displacement[None], coords="relative", channels="last"
)[0]


def error(picture):
    """Return how far a picture is from the left one at each pixel, over the colours."""
    return np.abs(picture - left).mean(-1)


# %%
# Occlusions
# ----------
#
# Beside every edge of something near there is a strip of background that the left
# camera sees and the right one does not. There the warp shows the near thing twice. The
# disparity itself tells where: of all the left pixels that go to the same right pixel,
# the right camera sees the nearest one, which has the largest disparity.


def seen_by_right(disparity, measured, tolerance=1.0):
    """Return which pixels of the left picture the right camera sees too."""
    rows, columns = np.nonzero(measured)
    near = disparity[rows, columns]
    target = np.rint(columns - near).astype(int)
    inside = target >= 0
    nearest = np.full(disparity.shape, -np.inf)
    np.maximum.at(nearest, (rows[inside], target[inside]), near[inside])
    seen = np.zeros(disparity.shape, bool)
    seen[rows, columns] = inside & (
        near >= nearest[rows, np.maximum(target, 0)] - tolerance
    )
    return seen


seen = seen_by_right(disparity, measured)
occluded = measured & ~seen

figure, axes = plt.subplots(1, 3, figsize=(10, 2.8), layout="constrained")
marked = np.where(occluded[..., None], np.array([1.0, 0.2, 0.2], np.float32), left)
for ax, picture, title in zip(
    axes,
    (np.nan_to_num(warped), marked, error(warped)),
    ("right, warped", "occluded (red)", "error"),
    strict=True,
):
    shown = ax.imshow(picture, cmap="magma", vmax=0.4)
    ax.set(title=title, xticks=[], yticks=[])
figure.colorbar(shown, ax=axes[2])
plt.show()

# %%
# The error map lights up in those strips. Leaving them out is what remains to compare:

errors = {
    "not warped": error(right)[seen].mean(),
    "warped, occluded pixels": error(warped)[occluded].mean(),
    "warped, seen by both": error(warped)[seen].mean(),
}
for name, value in errors.items():
    print(f"{name:<25}{value:.3f}")

# %%
# Pixels that count, and pixels that do not
# -----------------------------------------
#
# The other way round, pixels of the *source* may be the ones that are not to count. The
# right picture, as the left one shows it: each right pixel is read at x + d, with the
# disparity of the right view. That disparity is not given, but can be splatted: each
# left pixel that both cameras see carries its own to where the right one sees it.
# :func:`~gridsample.grid_splat` adds them up, and :func:`~gridsample.grid_count` says
# of how many each sum is made.

shape = (1, *disparity.shape, 1)
places = np.where(seen[..., None], displacement, np.nan)[None]  # NaN: goes nowhere
options = {"coords": "relative", "channels": "last"}
carried = gs.grid_splat(
    np.nan_to_num(disparity, posinf=0)[None, ..., None], places, shape, **options
)
count = gs.grid_count(places, shape, **options)
reached = count[0, ..., 0] > 0.25
right_disparity = np.where(
    reached, carried[0, ..., 0] / np.maximum(count[0, ..., 0], 0.25), np.nan
)

# %%
# :func:`~gridsample.sample_masked` then leaves out the left pixels that the right
# camera does not see: where a place lies between one that counts and one that does not,
# the one that counts has all the weight. Where less than a quarter of the weight is
# left, there is no value.

back = np.stack([right_disparity, np.zeros_like(right_disparity)], axis=-1)[None]
values, weight = gs.sample_masked(
    left[None], ~occluded[None, ..., None], back, min_weight=0.25, **options
)
values, weight = values[0], weight[0, ..., 0]
unmasked = gs.grid_sample(left[None], back, **options)[0]
known = weight > 0.25
edge = known & (weight < 0.7)  # where the mask makes a difference
mask_errors = {
    "edges, without the mask": np.abs(unmasked - right)[edge].mean(),
    "edges, with the mask": np.abs(values - right)[edge].mean(),
}
for name, value in mask_errors.items():
    print(f"{name:<25}{value:.3f}")

figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
axes[0].imshow(np.where(known[..., None], np.clip(values, 0, 1), 0.5))
axes[0].set(
    title="left, warped to the right view (grey: not seen by left)",
    xticks=[],
    yticks=[],
)
axes[1].imshow(right)
axes[1].set(title="right", xticks=[], yticks=[])
plt.show()

# %%
# .. [1] D. Scharstein et al., "High-resolution stereo datasets with subpixel-accurate
#    ground truth", 2014.

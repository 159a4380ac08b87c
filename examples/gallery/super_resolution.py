"""
One sharp picture out of many coarse ones
=========================================

Several photographs of the same thing, each shifted by another fraction of a pixel, know
more together than any of them does. :func:`~gridsample.grid_splat` adds each pixel to a
finer picture where it belongs; divided by :func:`~gridsample.grid_count` that is the
mean of what came to each fine pixel.
"""

import matplotlib.pyplot as plt
import numpy as np
from skimage import data, metrics

import gridsample as gs

FACTOR, FRAMES = 4, 24
rng = np.random.default_rng(0)
truth = data.camera()[60:300, 120:440].astype(np.float32)[None, None] / 255
fine_shape = truth.shape
coarse = fine_shape[2] // FACTOR, fine_shape[3] // FACTOR

# %%
# The frames
# ----------
#
# Where a frame's pixels lie on the fine picture, in its pixels: every fourth one,
# shifted at random. Each coarse pixel is the mean over its own square, as on a sensor,
# with some noise.


def places_of(shift):
    """Return where a frame's pixels lie: (1, rows, columns, 2), in fine pixels."""
    y, x = np.meshgrid(
        *[np.arange(length) * FACTOR + (FACTOR - 1) / 2 for length in coarse],
        indexing="ij",
    )
    return (np.stack([x, y], axis=-1) + shift)[None].astype(np.float32)


def photograph(shift):
    """Return a frame (1, 1, rows, columns): means of samples, and noise."""
    within = np.arange(FACTOR) - (FACTOR - 1) / 2
    samples = [
        gs.grid_sample(
            truth,
            places_of(shift) + np.float32([dx, dy]),
            "bicubic",
            "reflection",
            coords="pixel",
        )
        for dy in within
        for dx in within
    ]
    return np.mean(samples, axis=0) + rng.normal(0, 0.01, (1, 1, *coarse)).astype(
        np.float32
    )


shifts = rng.uniform(-FACTOR / 2, FACTOR / 2, (FRAMES, 2))
frames = np.concatenate([photograph(shift) for shift in shifts])
grids = np.concatenate([places_of(shift) for shift in shifts])

# %%
# One frame, enlarged
# -------------------
#
# The best that one frame gives: read between its pixels by a cubic. From fine pixels to
# this frame's.

y, x = np.meshgrid(np.arange(fine_shape[2]), np.arange(fine_shape[3]), indexing="ij")
in_frame = (np.stack([x, y], axis=-1) - shifts[0] - (FACTOR - 1) / 2) / FACTOR
enlarged = gs.grid_sample(
    frames[:1], in_frame[None], "bicubic", "border", coords="pixel"
)

# %%
# All frames, splatted
# --------------------
#
# The frames are batch entries; a result with N = 1 takes the values of all of them.
# Fine pixels that hardly anything came to, if there are any, keep what one frame says.

sums = gs.grid_splat(frames, grids, fine_shape, coords="pixel", padding_mode="border")
count = gs.grid_count(grids, fine_shape, coords="pixel", padding_mode="border")
splatted = np.where(count > 0.2, sums / np.maximum(count, 0.2), enlarged)
print(f"values for each fine pixel: {count.mean():.2f} in the mean")
print(f"fine pixels without any:    {(count <= 0.2).mean():.1%}")

# %%
# And sharpened
# -------------
#
# The mean still has the blur of the coarse pixels. What would the frames of that
# picture look like, and by how much do they differ from those we have? Splatting the
# differences back tells where the picture is wrong: since ``grid_splat`` is the
# transpose of ``grid_sample``, that is gradient descent on the squared differences.


def frames_of(picture):
    """Return the frames of a fine picture, without noise: means over coarse pixels."""
    return np.mean(
        [
            gs.grid_sample(
                picture, grids + offset, "bilinear", "border", coords="pixel"
            )
            for offset in offsets
        ],
        axis=0,
    )


def back(differences):
    """Return the transpose of ``frames_of``."""
    return np.mean(
        [
            gs.grid_splat(
                differences, grids + o, fine_shape, "bilinear", "border", coords="pixel"
            )
            for o in offsets
        ],
        axis=0,
    )


within = np.arange(FACTOR) - (FACTOR - 1) / 2
offsets = [np.float32([dx, dy]) for dy in within for dx in within]
share = back(np.ones_like(frames))  # how much each fine pixel takes part in
sharpened = splatted
for _ in range(30):
    sharpened = sharpened + back(frames - frames_of(sharpened)) / share

# %%
# The four, and how near each is to the truth:

results = {"one frame, cubic": enlarged, "splatted": splatted, "sharpened": sharpened}
psnr = {
    name: metrics.peak_signal_noise_ratio(truth, np.clip(result, 0, 1), data_range=1)
    for name, result in results.items()
}
for name, value in psnr.items():
    print(f"{name:<18}{value:.1f} dB")

figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained")
for ax, (name, result) in zip(axes, {**results, "truth": truth}.items(), strict=True):
    ax.imshow(result[0, 0, 20:150, 60:190], cmap="gray", vmin=0, vmax=1)
    ax.set(
        title=f"{name}, {psnr[name]:.1f} dB" if name in psnr else name,
        xticks=[],
        yticks=[],
    )
plt.show()

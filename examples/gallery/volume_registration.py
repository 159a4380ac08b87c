"""
Register two volumes
====================

As :doc:`registration`, with one axis more. Nothing changes but the number of
coordinates: a place has three, x first, and ``mode="bilinear"`` is trilinear there.

The volume is synthetic: an ellipsoid with a rim, ventricle-like holes and small bright
nodules, whose centres are the landmarks.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import gridsample as gs

torch.manual_seed(0)
rng = np.random.default_rng(0)
size = (56, 64, 72)  # depth, height, width

# %%
# The volume
# ----------

z, y, x = np.meshgrid(*[np.linspace(-1, 1, length) for length in size], indexing="ij")


def ellipsoid(center, radii, softness=0.06):
    """Return a soft ellipsoid, 1 inside and 0 outside; x first, in half axes."""
    distance = np.sqrt(
        sum(
            ((a - c) / r) ** 2 for a, c, r in zip((x, y, z), center, radii, strict=True)
        )
    )
    return 1 / (1 + np.exp((distance - 1) / softness))


volume = 0.5 * ellipsoid((0, 0, 0), (0.85, 0.85, 0.85)) + 0.3 * ellipsoid(
    (0, 0, 0), (0.75, 0.72, 0.74)
)
volume -= 0.5 * ellipsoid((-0.25, 0.05, 0), (0.14, 0.4, 0.3)) + 0.5 * ellipsoid(
    (0.25, 0.05, 0), (0.14, 0.4, 0.3)
)
nodules = []
while len(nodules) < 40:
    center = rng.uniform(-0.6, 0.6, 3)
    if np.linalg.norm(center) < 0.65 and all(
        np.linalg.norm(center - other) > 0.2 for other in nodules
    ):
        nodules.append(center)
        volume += 0.4 * np.exp(
            -((x - center[0]) ** 2 + (y - center[1]) ** 2 + (z - center[2]) ** 2)
            / (2 * 0.05**2)
        )
moving = torch.as_tensor(volume, dtype=torch.float32)[None, None]
# in half axes: -1 and 1 are the centres of the end voxels
landmarks = torch.as_tensor(np.array(nodules), dtype=torch.float32)

# %%
# A smooth displacement, and the registration
# -------------------------------------------
#
# The coefficients of a cubic B-spline on a coarse lattice, read at every voxel.


def dense(coefficients):
    """Return the displacement (1, *size, 3), in voxels, of coefficients (1, 3, ...)."""
    knots = coefficients.shape[2:]
    axes = [
        torch.linspace(0.5, knot - 1.5, length)
        for knot, length in zip(knots, size, strict=True)
    ]
    places = torch.stack(torch.meshgrid(*axes, indexing="ij")[::-1], dim=-1)[None]
    spline = gs.BSpline(3, prefilter=False)
    return gs.grid_sample(
        coefficients, places, spline, "border", coords="pixel"
    ).movedim(1, -1)


def warp(image, displacement):
    """Return an image, each voxel read at its own place plus its displacement."""
    return gs.grid_sample(image, displacement, "bilinear", "border", coords="relative")


def register(fixed, moving, levels=((5, 40), (7, 40)), rate=0.3):
    """Return the displacement that makes ``moving`` look like ``fixed``.

    A level is (points of the lattice along an axis, steps).
    """
    found = torch.zeros(1, *size, 3)
    for points, steps in levels:
        coefficients = torch.zeros(1, 3, points, points, points, requires_grad=True)
        optimizer = torch.optim.Adam([coefficients], lr=rate)
        for _ in range(steps):
            displacement = found + dense(coefficients)
            mismatch = (
                warp(moving, displacement) - fixed
            ).square().mean() / fixed.var()
            roughness = sum(
                displacement.diff(dim=axis).square().mean() for axis in (1, 2, 3)
            )
            optimizer.zero_grad()
            (mismatch + 0.01 * roughness).backward()
            optimizer.step()
        found = (found + dense(coefficients)).detach()
    return found


true = dense(4 * torch.randn(1, 3, 6, 6, 6))
fixed = warp(moving, true)
fixed = fixed + 0.02 * torch.randn(fixed.shape)
found = register(fixed, moving)

# %%
# How near?
# ---------
#
# The displacement at a landmark is read from its field, which is sampling at a list of
# points.


def at_landmarks(field):
    """Return a field (1, *size, 3) at the landmarks."""
    return gs.grid_sample(field, landmarks[None], align_corners=True, channels="last")[
        0
    ]


before = at_landmarks(true).norm(dim=-1)
after = at_landmarks(found - true).norm(dim=-1)
print(f"landmark error before: {before.mean():.2f} voxels, at most {before.max():.2f}")
print(f"landmark error after:  {after.mean():.2f} voxels, at most {after.max():.2f}")

middle = size[0] // 2
figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained")
pictures = {
    "fixed": fixed,
    "moving": moving,
    "difference before": moving - fixed,
    "difference after": warp(moving, found) - fixed,
}
for ax, (title, image) in zip(axes, pictures.items(), strict=True):
    limits = (
        {"cmap": "coolwarm", "vmin": -0.6, "vmax": 0.6}
        if "difference" in title
        else {"cmap": "gray"}
    )
    ax.imshow(image[0, 0, middle].numpy(), **limits)
    ax.set(title=title, xticks=[], yticks=[])
figure.suptitle("the middle slice")
plt.show()

# %%
figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.hist(
    [before.numpy(), after.numpy()],
    bins=24,
    label=["before", "after"],
    color=["tab:gray", "tab:orange"],
)
ax.set(xlabel="landmark error, voxels", ylabel="landmarks")
ax.legend()
plt.show()

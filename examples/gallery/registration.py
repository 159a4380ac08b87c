"""
Register two images
===================

Two pictures of the same thing, one of them bent. Which point of the one is which point
of the other? Registration finds a displacement for every pixel that makes one picture,
sampled there, look like the other. Since the gradient of
:func:`~gridsample.grid_sample` reaches the places, ordinary gradient descent does it.

The picture is of a retina, as scikit-image brings it. It is bent by a displacement that
we know, so that we can say how near the answer is.
"""

import matplotlib.pyplot as plt
import torch
from skimage import data, transform

import gridsample as gs

torch.manual_seed(0)
picture = transform.resize(
    data.retina()[150:1250, 150:1250, 1], (256, 288), anti_aliasing=True
)
moving = torch.as_tensor(picture / picture.max(), dtype=torch.float32)[None, None]
height, width = moving.shape[2:]

# %%
# A smooth displacement
# ---------------------
#
# A displacement of each pixel on its own would be free to do anything. A smooth one has
# a few numbers instead: the coefficients of a cubic B-spline on a coarse lattice.
# Reading them between the lattice's points is again a call of ``grid_sample``, with
# ``BSpline(3, prefilter=False)`` for the kernel, and differentiable as any other.


def lattice(spacing):
    """Return zero coefficients (1, 2, rows, columns), one every some pixels."""
    return torch.zeros(1, 2, height // spacing + 2, width // spacing + 2)


def dense(coefficients, spacing):
    """Return the displacement (1, height, width, 2), x first, in pixels."""
    y, x = torch.meshgrid(
        torch.arange(height) / spacing + 0.5,
        torch.arange(width) / spacing + 0.5,
        indexing="ij",
    )
    places = torch.stack([x, y], dim=-1)[None]
    spline = gs.BSpline(3, prefilter=False)
    return gs.grid_sample(
        coefficients, places, spline, "border", coords="pixel"
    ).movedim(1, -1)


def warp(image, displacement, mode="bilinear"):
    """Return an image, each pixel read at its own place plus its displacement."""
    return gs.grid_sample(image, displacement, mode, "border", coords="relative")


true = dense(9 * torch.randn(lattice(48).shape), 48)
fixed = warp(moving, true, "bicubic")
fixed = fixed + 0.01 * torch.randn(fixed.shape)
lengths = true.norm(dim=-1)
print(f"displacements: mean {lengths.mean():.1f} pixels, largest {lengths.max():.1f}")

# %%
# Gradient descent
# ----------------
#
# From coarse to fine: first with a wide lattice and blurred pictures, whose large
# structures find each other from far away, then with narrower lattices and sharper
# pictures. The displacement found so far is where the next one starts.


def blurred(image, sigma):
    """Return an image under a Gaussian; sigma in pixels, 0 for none."""
    if sigma == 0:
        return image
    x = torch.arange(-3 * sigma, 3 * sigma + 1)
    kernel = torch.exp(-(x**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    for shape in ((1, 1, -1, 1), (1, 1, 1, -1)):
        weights = kernel.reshape(shape)
        padding = [
            (n - 1) // 2
            for n in (
                weights.shape[3],
                weights.shape[3],
                weights.shape[2],
                weights.shape[2],
            )
        ]
        image = torch.nn.functional.conv2d(
            torch.nn.functional.pad(image, padding, mode="reflect"), weights
        )
    return image


def register(fixed, moving, levels=((64, 8, 60), (48, 4, 60), (32, 1, 60))):
    """Return the displacement that makes ``moving`` look like ``fixed``.

    And the mismatch at each step. A level is (spacing of the lattice, blur, steps).
    """
    found, losses = torch.zeros(1, height, width, 2), []
    for spacing, sigma, steps in levels:
        target, source = blurred(fixed, sigma), blurred(moving, sigma)
        coefficients = lattice(spacing).requires_grad_()
        optimizer = torch.optim.Adam([coefficients], lr=0.5)
        for _ in range(steps):
            displacement = found + dense(coefficients, spacing)
            mismatch = (
                warp(source, displacement) - target
            ).square().mean() / target.var()
            roughness = (
                displacement.diff(dim=1).square().mean()
                + displacement.diff(dim=2).square().mean()
            )
            loss = mismatch + 0.02 * roughness
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(mismatch.item())
        found = (found + dense(coefficients, spacing)).detach()
    return found, losses


found, losses = register(fixed, moving)

# %%
# How near?
# ---------
#
# At landmarks: points on the vessels, where the picture is dark. Before the
# registration a landmark is off by its whole displacement, afterwards by what was not
# found.

margin = 16
inner = (blurred(fixed, 3) - fixed)[
    0, 0, margin:-margin, margin:-margin
]  # dark on lighter ground
strongest = torch.topk(inner.flatten(), 2000).indices[torch.randperm(2000)[:60]]
rows, columns = (
    strongest // inner.shape[1] + margin,
    strongest % inner.shape[1] + margin,
)
before = true[0, rows, columns].norm(dim=-1)
after = (found - true)[0, rows, columns].norm(dim=-1)
print(f"landmark error before: {before.mean():.2f} pixels, at most {before.max():.2f}")
print(f"landmark error after:  {after.mean():.2f} pixels, at most {after.max():.2f}")

figure, axes = plt.subplots(2, 3, figsize=(10, 6.4), layout="constrained")
result = warp(moving, found)
pictures = {
    "fixed, with landmarks": fixed,
    "moving": moving,
    "moving, registered": result,
    "difference before": moving - fixed,
    "difference after": result - fixed,
}
for ax, (title, image) in zip(axes.flat, pictures.items(), strict=False):
    limits = (
        {"cmap": "coolwarm", "vmin": -0.4, "vmax": 0.4}
        if "difference" in title
        else {"cmap": "gray"}
    )
    ax.imshow(image[0, 0].numpy(), **limits)
    ax.set(title=title, xticks=[], yticks=[])
axes[0, 0].plot(columns.numpy(), rows.numpy(), ".", color="tab:orange", markersize=3)
axes[1, 2].plot(losses)
axes[1, 2].set(title="mismatch at each step", yscale="log", xlabel="step")
plt.show()

# %%
# The displacement that was found, and the true one, as a sheet of squared paper that
# each pixel takes along:

figure, axes = plt.subplots(
    1, 2, figsize=(9, 4), layout="constrained", sharex=True, sharey=True
)
for ax, field, title in zip(axes, (true, found), ("true", "found"), strict=True):
    x = (field[0, ..., 0] + torch.arange(width)).numpy()
    y = (field[0, ..., 1] + torch.arange(height)[:, None]).numpy()
    ax.plot(x[::12].T, y[::12].T, color="tab:blue", linewidth=0.6)
    ax.plot(x[:, ::12], y[:, ::12], color="tab:blue", linewidth=0.6)
    ax.set(title=title, aspect="equal")
axes[0].invert_yaxis()
plt.show()

"""
Train a spatial transformer
===========================

A spatial transformer [1]_ is a layer that rotates, shifts and scales what it is given
before the next layer sees it. A small network looks at the picture and says how;
:func:`~gridsample.affine_grid` and :func:`~gridsample.grid_sample` do it. Nobody says
what the right way up is: since both are differentiable, the network learns it from the
classifier's loss.

The digits are scikit-learn's, 8 by 8 pixels, each rotated by up to 60 degrees and
shifted by up to 4 pixels in a picture of 16 by 16. The same classifier is trained with
and without such a layer before it.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

import gridsample as gs
import gridsample.torch as gst

# %%
# Rotated and shifted digits
# --------------------------
#
# Making them is sampling too. ``affine_grid`` in pixels takes a matrix from output to
# input pixels, about their middles.

SIZE = 16


def place(digits, angles, shifts):
    """Return digits (N, 1, 8, 8) rotated and shifted, (N, 1, SIZE, SIZE)."""
    c, s = np.cos(angles), np.sin(angles)
    rotation = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    offset = 3.5 - np.einsum("nij,nj->ni", rotation, shifts + (SIZE - 1) / 2)
    theta = np.concatenate([rotation, offset[..., None]], -1)
    grid = gs.affine_grid(theta, (len(digits), 1, SIZE, SIZE), coords="pixel")
    return gs.grid_sample(digits, grid, "bilinear", coords="pixel")


digits, labels = load_digits(return_X_y=True)
digits, labels = (
    digits.reshape(-1, 1, 8, 8).astype(np.float32) / 16,
    torch.from_numpy(labels),
)
test = torch.arange(len(labels)) % 3 == 0  # a third is never trained with


def rotated(digits, rng):
    """Return digits, each rotated and shifted at random."""
    angles, shifts = (
        rng.uniform(-np.pi / 3, np.pi / 3, len(digits)),
        rng.uniform(-4, 4, (len(digits), 2)),
    )
    return torch.from_numpy(place(digits, angles, shifts))


unseen = rotated(digits[test], np.random.default_rng(0))

# %%
# The two networks
# ----------------
#
# The layer is a few lines. It starts as the identity, and it has to be told how large
# the output is, not more.


def classifier():
    """Return a small network from pictures to ten scores."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * (SIZE // 4) ** 2, 10),
    )  # fmt: skip


class SpatialTransformer(nn.Module):
    """Looks at a picture, and returns it under an affine map of its own choice."""

    def __init__(self):
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * (SIZE // 4) ** 2, 64), nn.ReLU(),
            nn.Linear(64, 6),
        )  # fmt: skip
        nn.init.zeros_(self.look[-1].weight)
        self.look[-1].bias = nn.Parameter(torch.tensor([1.0, 0, 0, 0, 1, 0]))
        self.sample = gst.GridSample("bilinear")

    def forward(self, pictures):
        """Return pictures of the same size."""
        theta = self.look(pictures).reshape(-1, 2, 3)
        return self.sample(pictures, gs.affine_grid(theta, pictures.shape))


def train(model, epochs=40, batch=64, seed=1):
    """Train with digits rotated anew in each epoch; return the accuracy after each."""
    rng, targets, accuracy = np.random.default_rng(seed), labels[~test], []
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        pictures = rotated(digits[~test], rng)
        model.train()
        for chosen in torch.from_numpy(rng.permutation(len(pictures))).split(batch):
            loss = nn.functional.cross_entropy(model(pictures[chosen]), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            accuracy.append(
                (model(unseen).argmax(1) == labels[test]).float().mean().item()
            )
    return accuracy


torch.set_num_threads(1)  # networks as small as these gain nothing by more
torch.manual_seed(0)
without = train(classifier())
transformer = SpatialTransformer()
within = train(nn.Sequential(transformer, classifier()))
print(f"accuracy without: {without[-1]:.1%}")
print(f"accuracy with:    {within[-1]:.1%}")

figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.plot(within, label="with a spatial transformer", color="tab:orange")
ax.plot(without, label="without", color="tab:gray")
ax.set(xlabel="epoch", ylabel="accuracy on unseen digits", ylim=(0, 1))
ax.legend()
plt.show()

# %%
# What the layer learned
# ----------------------
#
# Above what comes in, below what it passes on: larger, in the middle, and nearly
# upright.

shown = unseen[[int(torch.nonzero(labels[test] == digit)[0]) for digit in range(10)]]
with torch.no_grad():
    passed_on = transformer(shown)
figure, axes = plt.subplots(2, 10, figsize=(10, 2.2), layout="constrained")
for ax, picture in zip(axes.flat, torch.cat([shown, passed_on]), strict=True):
    ax.imshow(picture[0].numpy(), cmap="gray")
    ax.set(xticks=[], yticks=[])
plt.show()

# %%
# .. [1] M. Jaderberg, K. Simonyan, A. Zisserman, K. Kavukcuoglu, "Spatial transformer
#    networks", 2015.

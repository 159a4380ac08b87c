"""
Look around in a panorama
=========================

An equirectangular panorama holds every direction: a column for each degree of
longitude, a row for each degree of latitude. Looking in some direction through an
ordinary lens is one call of :func:`~gridsample.grid_sample`: where the view has a
pixel, the panorama is read at that pixel's direction.

The panorama's left and right edges are neighbours. A sample between them needs pixels
of both, which ``padding_mode="wrap"`` gives.
"""

# sphinx_gallery_thumbnail_number = 2

import matplotlib.pyplot as plt
import numpy as np
from skimage import data, transform

import gridsample as gs

# %%
# A room to stand in
# ------------------
#
# To know what every view should show, the panorama is that of a room whose walls we
# know: four pictures as wallpaper, and a chequered floor and ceiling. ``see`` says
# which colour is seen in any direction.

names = ("astronaut", "coffee", "chelsea", "rocket")
walls = np.stack(
    [
        transform.resize(getattr(data, name)(), (256, 256), anti_aliasing=True)
        for name in names
    ]
)
walls = walls.transpose(0, 3, 1, 2).astype(np.float32)  # (4, 3, 256, 256)


def see(directions):
    """Return the colours seen in directions (..., 3): x right, y down, z ahead."""
    x, y, z = np.moveaxis(directions, -1, 0)
    # the wall it points to: ahead, right, behind or left
    quarter = np.rint(np.arctan2(x, z) / (np.pi / 2))
    c, s = np.cos(quarter * np.pi / 2), np.sin(quarter * np.pi / 2)
    across, depth = c * x - s * z, s * x + c * z  # as that wall has them
    height = y / depth
    colours = np.empty((*x.shape, 3), np.float32)
    for wall in range(4):
        here = (quarter.astype(int) % 4) == wall
        places = np.stack([across / depth, height], axis=-1)[here]
        colours[here] = gs.grid_sample(
            walls[wall : wall + 1], places[None], padding_mode="border"
        )[0].T
    flat = np.abs(height) > 1  # floor and ceiling
    tiles = (
        np.sin(5 * np.pi * x / np.abs(y))[flat]
        * np.sin(5 * np.pi * z / np.abs(y))[flat]
    )
    shade = np.where(y[flat] > 0, 0.45, 0.8)
    colours[flat] = (shade + 0.15 * np.tanh(4 * tiles))[:, None]
    return colours


def directions_of_panorama(height, width):
    """Return the directions (height, width, 3) of a panorama's pixels."""
    longitude = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    latitude = ((np.arange(height) + 0.5) / height - 0.5) * np.pi
    latitude, longitude = np.meshgrid(latitude, longitude, indexing="ij")
    c = np.cos(latitude)
    return np.stack(
        [c * np.sin(longitude), np.sin(latitude), c * np.cos(longitude)], axis=-1
    )


height, width = 640, 1280
panorama = see(directions_of_panorama(height, width))

figure, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
ax.imshow(panorama, extent=(-180, 180, 90, -90))
ax.set(
    title="the panorama",
    xlabel="longitude, degrees",
    ylabel="latitude, downwards",
    xticks=range(-180, 181, 90),
    yticks=[-90, 0, 90],
)
plt.show()

# %%
# A view
# ------
#
# The view's pixels have directions too, rotated to where one looks. From direction to
# longitude and latitude, and from those to -1...1: longitude 180 degrees is 1, latitude
# 90 degrees is 1. These are the outer edges of the panorama's outermost pixels, which
# is what ``align_corners=False`` means.


def directions_of_view(size, yaw, pitch, field_of_view):
    """Return the directions (size, size, 3) of a view's pixels; angles in degrees."""
    yaw, pitch, half = np.radians([yaw, pitch, field_of_view / 2])
    steps = ((np.arange(size) + 0.5) / size * 2 - 1) * np.tan(half)
    y, x = np.meshgrid(steps, steps, indexing="ij")
    y, z = np.cos(pitch) * y - np.sin(pitch), np.sin(pitch) * y + np.cos(pitch)
    x, z = np.cos(yaw) * x + np.sin(yaw) * z, -np.sin(yaw) * x + np.cos(yaw) * z
    return np.stack([x, y, z], axis=-1)


def look(panorama, directions, padding_mode):
    """Return the colours that a panorama has in some directions."""
    x, y, z = np.moveaxis(directions, -1, 0)
    places = np.stack(
        [np.arctan2(x, z) / np.pi, np.arctan2(y, np.hypot(x, z)) / (np.pi / 2)], axis=-1
    )
    return gs.grid_sample(
        panorama[None], places[None], "bilinear", padding_mode, channels="last"
    )[0]


looks = [(0, 0), (60, 20), (180, -25), (180, 0)]
views = [
    look(panorama, directions_of_view(300, yaw, pitch, 90), ("wrap", "border"))
    for yaw, pitch in looks
]

figure, axes = plt.subplots(1, 4, figsize=(10, 2.9), layout="constrained")
for ax, view, (yaw, pitch) in zip(axes, views, looks, strict=True):
    ax.imshow(np.clip(view, 0, 1))
    ax.set(title=f"yaw {yaw}°, pitch {pitch}°", xticks=[], yticks=[])
plt.show()

# %%
# The seam
# --------
#
# Looking back, the panorama's edges meet in the middle of the view. Only ``"wrap"``
# along x joins them. ``padding_mode`` takes a pair, x first, because rows do not go
# round: above the top row there is ``"border"``. Through a narrow lens:

behind = directions_of_view(240, 180, 0, 6)
truth = see(behind)
paddings = {"zeros": "zeros", "border": "border", "wrap along x": ("wrap", "border")}
backward = {name: look(panorama, behind, padding) for name, padding in paddings.items()}
away = np.abs(np.degrees(np.arctan2(behind[..., 0], -behind[..., 2])))
seam = away < 0.5 * 360 / width  # half a pixel to each side
seam_errors = {
    name: np.abs(view - truth)[seam].mean() for name, view in backward.items()
}
elsewhere = np.abs(backward["wrap along x"] - truth)[~seam].mean()

figure, axes = plt.subplots(1, 4, figsize=(10, 2.9), layout="constrained")
for ax, (name, view) in zip(axes, {"truth": truth, **backward}.items(), strict=True):
    ax.imshow(np.clip(view, 0, 1))
    ax.set(title=name, xticks=[], yticks=[])
plt.show()

for name, value in seam_errors.items():
    print(f"error at the seam, {name:<14}{value:.4f}")
print(f"error elsewhere, wrap along x   {elsewhere:.4f}")

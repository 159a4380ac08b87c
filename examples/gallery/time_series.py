"""
Time series at stations, out of a large raster
==============================================

A raster of temperatures: five years of months, each of the whole earth in steps of a
fifth of a degree. What was it at these three hundred stations? Two lists, of longitudes
and latitudes, are a grid: (1, K, 2). It is not an image, and does not have to be made
one. The raster stays on disk.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import gridsample as gs

# %%
# The raster
# ----------
#
# Synthetic, so that what is read can be compared with what is true: warm at the
# equator, seasons that are opposite north and south, waves along the latitudes.

MONTHS, ROWS, COLUMNS = 60, 900, 1800
rng = np.random.default_rng(0)


def temperature(month, longitude, latitude):
    """Return degrees Celsius; angles in degrees."""
    season = np.cos(2 * np.pi * (month - 6.5) / 12)  # the north's summer is July
    north = np.sin(np.radians(latitude))
    mean = (
        28
        - 45 * north**2
        + 4 * np.sin(np.radians(3 * longitude)) * np.cos(np.radians(latitude))
    )
    return mean + 14 * north * season + 0.03 * month


longitudes = (np.arange(COLUMNS) + 0.5) / COLUMNS * 360 - 180  # the pixels' middles
latitudes = 90 - (np.arange(ROWS) + 0.5) / ROWS * 180  # row 0 is in the north

folder = tempfile.TemporaryDirectory()
raster = np.lib.format.open_memmap(
    Path(folder.name) / "temperature.npy", "w+", np.float32, (MONTHS, 1, ROWS, COLUMNS)
)
for month in range(MONTHS):
    raster[month, 0] = temperature(month, longitudes, latitudes[:, None])
raster.flush()
print(f"{raster.nbytes / 2**20:.0f} MiB on disk")

# %%
# The stations
# ------------
#
# From degrees to -1...1: the outer edges of the raster are -180 and 180 degrees, 90 and
# -90. Latitudes run against rows, hence the minus. The earth goes round in x, and not
# in y: ``padding_mode=("wrap", "border")``.

names = ["Quito", "Reykjavik", "Dunedin", "Suva"]
named = np.array([[-78.5, -0.2], [-21.9, 64.1], [170.5, -45.9], [178.4, -18.1]])
others = np.stack(
    [rng.uniform(-180, 180, 296), np.degrees(np.arcsin(rng.uniform(-0.98, 0.98, 296)))],
    axis=-1,
)
stations = np.concatenate([named, others])
grid = (stations / [180, -90])[None]  # (1, K, 2)

series = gs.grid_sample(raster, grid, "bilinear", ("wrap", "border"))
print(series.shape)  # one grid for all months

# %%
# Nothing of the raster was copied: only the four pixels around each station were read.
# How near are the values?

months = np.arange(MONTHS)
truth = temperature(months[:, None], *stations.T)
pixel = np.rint(gs.to_pixels(grid, (ROWS, COLUMNS))[0]).astype(int)
nearest_pixel = raster[:, 0, pixel[:, 1].clip(0, ROWS - 1), pixel[:, 0] % COLUMNS]
errors = {
    "bilinear": np.abs(series[:, 0] - truth).max(),
    "the pixel it lies in": np.abs(nearest_pixel - truth).max(),
}
for name, value in errors.items():
    print(f"largest error, {name:<22}{value:.4f} degrees")

figure, (map_, lines) = plt.subplots(
    1, 2, figsize=(11, 3.6), layout="constrained", width_ratios=(1.3, 1)
)
shown = map_.imshow(
    raster[6, 0, ::4, ::4], extent=(-180, 180, -90, 90), cmap="inferno", aspect="auto"
)
figure.colorbar(shown, ax=map_, label="July of the first year, °C")
map_.plot(*stations.T, ".", color="white", markersize=2)
for k, name in enumerate(names):
    map_.plot(*stations[k], "o", markersize=7, markeredgecolor="white")
    lines.plot(months / 12, series[:, 0, k], label=name)
map_.set(xlabel="longitude", ylabel="latitude", title="the stations")
lines.set(xlabel="years", ylabel="°C", title="four of them")
lines.legend(loc="lower right", fontsize="small")
plt.show()

# %%
del raster
folder.cleanup()

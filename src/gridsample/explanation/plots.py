"""Pictures of grids, kernels and boundaries."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsample.checks import check_pull
from gridsample.definitions.dtypes import position_of
from gridsample.explanation import drawing
from gridsample.explanation.curves import response, spectrum
from gridsample.explanation.steps import as_numpy
from gridsample.explanation.words import boundary_title, check_language, kernel_title, say
from gridsample.faces.find import common_face
from gridsample.sampling import grid_sample
from gridsample.spec import Spec, check_boundary, check_channels, check_kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gridsample.definitions.kernel import Kernel
    from gridsample.definitions.kernels import KernelName
    from gridsample.explanation.words import Language
    from gridsample.spec import Channels, Coords, PaddingMode

COLOURS = ("#2f7de1", "#d9363e", "#2a9d5c", "#e08a00", "#7b4fc9", "#444444")


def plot_grid(
    input: Any,
    grid: Any,
    entry: int = 0,
    align_corners: bool | None = False,
    *,
    coords: "Coords" = "normalized",
    channels: "Channels" = "first",
    lines: int = 16,
    ax: "Axes | None" = None,
    language: "Language" = "en",
) -> "Axes":
    """Draw a picture and over it the mesh of a grid: where the rows and columns of output points read.

    Parameters
    ----------
    input : array, shape (N, C, H, W)
        The picture, as in :func:`grid_sample`. One channel is grey; of three or more, the first three are red, green
        and blue, integers of their dtype's range and floats of 0 to 1, or if they go beyond, from their least to their
        greatest. Not-finite pixels are left blank.
    grid : array, shape (N, *out, 2)
        Two output axes give a mesh; one gives a curve of points.
    entry : int
        Which batch entry.
    align_corners, coords, channels
        As in :func:`grid_sample`.
    lines : int
        How many lines of the mesh to draw at most in each direction, at least 2; the first and the last are always
        among them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure's by default. One unit is one pixel of the input.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Lines are broken where places are NaN or infinite.

    Raises
    ------
    TypeError, ValueError
        As :func:`grid_sample` does, and for other than two spatial axes.
    IndexError
        For a batch entry that does not exist.
    ModuleNotFoundError
        Without Matplotlib, which ``pip install "gridsample[plot]"`` brings.

    Examples
    --------
    >>> import numpy as np
    >>> import gridsample as gs
    >>> picture = np.random.default_rng(0).random((1, 3, 20, 30))
    >>> turn = np.array([[[0.8, -0.6, 0.0], [0.6, 0.8, 0.0]]])
    >>> grid = gs.affine_grid(turn, picture.shape, coords="pixel", center=(14.5, 9.5))
    >>> axes = gs.plot_grid(picture, grid, coords="pixel")  # doctest: +SKIP
    """
    face, input, grid = common_face(input=input, grid=grid)
    spec = face.parse("nearest", "zeros", align_corners, coords)
    check_language(language)
    shape = check_pull(tuple(input.shape), tuple(grid.shape), spec, check_channels(channels))
    pixels = as_numpy(input)
    pixels = pixels if channels == "last" else np.moveaxis(pixels, 1, -1)
    if pixels.ndim != 4:
        raise ValueError(f"input must have two spatial axes to be a picture; got {tuple(input.shape)}")
    if lines < 2:
        raise ValueError(f"lines must be at least 2; got {lines!r}")
    if not -shape[0] <= entry < shape[0]:
        raise IndexError(f"entry must be one of N = {shape[0]} batch entries; got {entry!r}")
    places = as_numpy(face.absolute(grid, input) if coords == "relative" else grid)
    positions = located(places[entry if len(places) > 1 else 0], pixels.shape[1:3], pixels.dtype, spec)
    height, width = pixels.shape[1:3]
    with drawing.speaking(language) as spoken:
        ax = drawing.axes_or_new(ax, 7.0, max(2.0, 6.2 * height / width) + 0.8)
        shown = shade(pixels[entry if len(pixels) > 1 else 0])
        ax.imshow(shown, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        step = draw_mesh(ax, positions, lines)
        told = say("mesh", spoken, step=step) if step > 1 else say("every mesh", spoken)
        ax.set_title(told, loc="left", fontsize=10)
        for name, label in (("x", ax.set_xlabel), ("y", ax.set_ylabel)):
            label(say("pixel position", spoken, axis=name))
    return ax


def located(places: Any, size: tuple[int, ...], dtype: Any, spec: Spec) -> Any:
    """Return places (*out, 2) as positions in pixels; NaN where they have none."""
    places = places.astype(position_of(dtype, places.dtype))
    positions = [spec.convention.locate(places[..., d], size[-1 - d]) for d in range(2)]
    found = np.stack(positions, axis=-1)
    return np.where(np.isfinite(found), found, math.nan)


def shade(pixels: Any) -> Any:
    """Return a picture (H, W, C) in 0 to 1, grey or of three colours."""
    pixels = np.abs(pixels) if pixels.dtype.kind == "c" else pixels
    whole = pixels.dtype.kind in "iu"
    low, high = (np.iinfo(pixels.dtype).min, np.iinfo(pixels.dtype).max) if whole else (0.0, 1.0)
    pixels = pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., 0]
    values = pixels.astype(float)
    finite = values[np.isfinite(values)]
    if not whole and finite.size and (finite.min() < low or finite.max() > high):
        low, high = finite.min(), max(finite.max(), finite.min() + 1e-30)
    return np.where(np.isfinite(values), (values - low) / (high - low), math.nan)


def draw_mesh(ax: Any, positions: Any, lines: int) -> int:
    """Draw the rows and columns of a mesh (rows, columns, 2), or a curve of points; return how many are skipped."""
    if positions.ndim != 3:
        points = positions.reshape(-1, 2)
        ax.plot(points[:, 0], points[:, 1], "o-", color=COLOURS[1], markersize=3, linewidth=1)
        return 1
    steps: list[int] = []
    for axis, colour in ((0, COLOURS[0]), (1, COLOURS[1])):
        count = positions.shape[axis]
        step = max(1, math.ceil((count - 1) / (lines - 1)))
        steps.append(step)
        for i in sorted({*range(0, count, step), count - 1} if count else ()):
            line = np.take(positions, i, axis)
            ends = i in (0, count - 1)
            ax.plot(line[:, 0], line[:, 1], color=colour, linewidth=1.8 if ends else 0.9)
    return max(steps)


def plot_kernel(
    mode: "KernelName | Kernel | Sequence[KernelName | Kernel]" = "bilinear",
    *,
    axes: "Sequence[Axes] | None" = None,
    language: "Language" = "en",
) -> "tuple[Axes, Axes]":
    """Draw what a kernel weighs at each distance, and what it keeps of each frequency; or several, to compare them.

    Both are measured on the engine: by sampling an impulse, so that a B-spline's filter is in it too.

    Parameters
    ----------
    mode : str, Kernel, or sequence of them
        As ``mode`` of :func:`grid_sample`, for one axis.
    axes : sequence of two matplotlib.axes.Axes, optional
        Where to draw; a new figure's by default.
    language : {"en", "zh"}

    Returns
    -------
    tuple of two matplotlib.axes.Axes
        Of the weights and of the frequency response. At half a cycle per pixel frequencies begin that pixels cannot
        hold; an ideal kernel would keep all below and nothing above, where what is kept are the pixels' edges.

    Raises
    ------
    TypeError, ValueError
        For anything that is not a kernel.
    ModuleNotFoundError
        Without Matplotlib.

    Examples
    --------
    >>> import gridsample as gs
    >>> weights, frequencies = gs.plot_kernel(["bilinear", gs.Keys(-0.5), "lanczos"])  # doctest: +SKIP
    """
    modes = mode if isinstance(mode, list | tuple) else [mode]
    if not modes:
        raise ValueError("mode must be a kernel or a sequence of them; got none")
    kernels = [check_kernel(one) for one in modes]
    check_language(language)
    with drawing.speaking(language) as spoken:
        if axes is None:
            axes = drawing.matplotlib("pyplot").subplots(1, 2, figsize=(9.6, 3.6), layout="constrained")[1]
        weights, kept = axes
        reach = max(4 if kernel.filters else kernel.taps / 2 + 0.5 for kernel in kernels)
        distances = np.linspace(-reach, reach, 2 * round(reach * 200) + 1)
        frequencies = np.linspace(0, 2, 401)
        for i, kernel in enumerate(kernels):
            style: dict[str, Any] = {
                "color": COLOURS[i % len(COLOURS)],
                "linewidth": 1.8,
                "label": kernel_title(kernel, 1, spoken),
            }
            weights.plot(distances, response(kernel, distances), **style)
            kept.plot(frequencies, spectrum(kernel, frequencies), **style)
        whole = np.arange(-math.floor(reach), math.floor(reach) + 1)
        if len(kernels) == 1:
            weights.plot(whole, response(kernels[0], whole), "o", color=drawing.INK, markersize=4)
        ideal: dict[str, Any] = {
            "color": drawing.PALE,
            "linewidth": 1,
            "linestyle": "--",
            "label": say("ideal", spoken),
        }
        kept.plot([0, 0.5, 0.5, 2], [1, 1, 0, 0], **ideal)
        title(weights, say("impulse response", spoken), say("distance in pixels", spoken))
        title(kept, say("frequency response", spoken), say("frequency", spoken))
        weights.set_ylabel(say("weight of a pixel", spoken))
        kept.set_ylabel(say("gain", spoken))
        kept.legend(frameon=False, fontsize=9)
    return weights, kept


def title(ax: Any, text: str, below: str) -> None:
    """Write what a plot shows, and of what."""
    ax.set_title(text, loc="left", fontsize=10)
    ax.set_xlabel(below)
    ax.axhline(0, color=drawing.LINES, linewidth=0.8, zorder=0)
    ax.margins(x=0)
    ax.spines[["top", "right"]].set_visible(False)


def plot_boundary(
    padding_mode: "PaddingMode" = "zeros",
    mode: "KernelName | Kernel" = "bilinear",
    align_corners: bool | None = False,
    *,
    values: "Sequence[float]" = (3.0, 5.0, 1.0, 4.0),
    fill_value: float = 2.0,
    ax: "Axes | None" = None,
    language: "Language" = "en",
) -> "Axes":
    """Draw a row of pixels, what a boundary makes of all around it, and what a kernel samples there.

    Parameters
    ----------
    padding_mode : str or Boundary
        As in :func:`grid_sample`, for one axis.
    mode : str or Kernel
        What samples the row.
    align_corners : bool or None
        What "reflection" means.
    values : sequence of float
        The row; at least one number, all finite.
    fill_value : float
        What is outside under "fill".
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure's by default.
    language : {"en", "zh"}

    Returns
    -------
    matplotlib.axes.Axes
        Those that were drawn in.

    Raises
    ------
    TypeError, ValueError
        For options that :func:`grid_sample` would refuse, and an empty row.
    ModuleNotFoundError
        Without Matplotlib.

    Examples
    --------
    >>> import gridsample as gs
    >>> axes = gs.plot_boundary("mirror", "bicubic")  # doctest: +SKIP
    """
    kernel, row = check_kernel(mode), np.asarray(values, float)
    boundary = check_boundary(padding_mode, bool(align_corners))
    check_language(language)
    if row.ndim != 1 or not row.size or not np.isfinite(row).all():
        raise ValueError(f"values must be a row of finite numbers; got {values!r}")
    size = len(row)
    beyond = max(size, 4) + 1
    whole = np.arange(-beyond, size + beyond)
    read, inside = boundary.resolve(np, whole, size)
    heights = np.where(inside, row[read], fill_value if boundary.fills else 0.0)
    places = np.linspace(whole[0] - 0.5, whole[-1] + 0.5, 200 * len(whole) + 1)
    filling: dict[str, Any] = {"fill_value": fill_value} if boundary.fills else {}
    samples = grid_sample(row[None, None], places[None, :, None], kernel, boundary, coords="pixel", **filling)[0, 0]
    with drawing.speaking(language) as spoken:
        ax = drawing.axes_or_new(ax, 8.0, 3.2)
        there = (whole >= 0) & (whole < size)
        for chosen, key, face, edge in (
            (there, "array", "#9fc3f3", "white"),
            (~there, "beyond", drawing.OUTSIDE, drawing.LINES),
        ):
            style: dict[str, Any] = {"facecolor": face, "edgecolor": edge, "linewidth": 0.8, "label": say(key, spoken)}
            ax.bar(whole[chosen], heights[chosen], width=1, **style)
        label = say("samples", spoken, kernel=kernel_title(kernel, 1, spoken))
        ax.plot(places, samples, color=drawing.NEGATIVE, linewidth=1.6, label=label)
        ax.vlines([-0.5, size - 0.5], 0, 1, transform=ax.get_xaxis_transform(), color=drawing.INK, linewidth=1.4)
        name = boundary_title(boundary, spoken)
        title(ax, name, say("pixel position", spoken, axis="x"))
        ax.set_ylabel(say("a value", spoken))
        ax.set_xticks(whole)
        ax.legend(frameon=False, fontsize=8, ncols=3, loc="upper right", bbox_to_anchor=(1, 1.13))
    return ax

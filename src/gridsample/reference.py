"""The definition, as a reader would write it: loops, float64, nothing shared with the engines.

    out[n, c, p] = sum over taps k of   product over axes a of  w_a(k_a)   *   input[n, c, resolve(first_a + k_a)]

Slow on purpose. Every engine is tested against this page.
"""

import itertools
import math
import re

import numpy as np

KERNELS = {
    "nearest": "nearest",
    **dict.fromkeys(("linear", "bilinear", "trilinear"), "linear"),
    **dict.fromkeys(("keys", "cubic", "bicubic", "tricubic"), "keys"),
    **{name: name for name in ("lanczos", "mitchell", "bspline")},
}
DEFAULTS = {"keys": (-0.75,), "lanczos": (3,), "mitchell": (1 / 3, 1 / 3), "bspline": (3, 1)}  # parameters, if any
BOUNDARIES = ("zeros", "fill", "border", "mirror", "symmetric", "wrap", "reflection")
FOLDING = ("border", "mirror", "symmetric")
PERIODIC = ("mirror", "symmetric", "wrap")
FILL = "the fill value"  # in the place of a pixel


def options(mode, padding_mode, align_corners, coords, axes):
    """The options of each axis x, y, z as this page calls them: (kernel, parameters, boundary)."""
    modes, paddings = (value if isinstance(value, tuple) else (value,) * axes for value in (mode, padding_mode))
    if len(modes) != axes or len(paddings) != axes:
        raise ValueError(f"mode and padding_mode must have one entry or {axes}; got {mode!r} and {padding_mode!r}")
    if coords not in ("normalized", "pixel", "relative"):
        raise ValueError(f"coords must be normalized, pixel or relative; got {coords!r}")
    if align_corners not in (True, False, None):
        raise ValueError(f"align_corners must be True, False or None; got {align_corners!r}")
    return [
        (*kernel_of(mode), boundary_of(padding, align_corners)) for mode, padding in zip(modes, paddings, strict=True)
    ]


def kernel_of(mode):
    """The kernel of a public name such as "bicubic", or of a text such as "keys(-0.5)", and its parameters."""
    name, numbers = re.fullmatch(r"(.*?)(?:\(([^()]*)\))?", str(mode)).groups()
    if name not in KERNELS or (numbers and KERNELS[name] not in DEFAULTS):
        raise ValueError(f"mode must be one of {', '.join(KERNELS)}; got {mode!r}")
    return KERNELS[name], tuple(map(float, numbers.split(","))) if numbers else DEFAULTS.get(KERNELS[name], ())


def boundary_of(padding_mode, align_corners):
    """The boundary of a public name."""
    name = str(padding_mode)
    if name not in BOUNDARIES:
        raise ValueError(f"padding_mode must be one of {', '.join(BOUNDARIES)}; got {padding_mode!r}")
    if name == "reflection":
        return "mirror" if align_corners else "symmetric"
    return name


def locate(g, size, align_corners, coords, nan_places="nan"):
    """From a coordinate to a position in pixels."""
    if math.isnan(g) and nan_places == "edge":
        g, coords = -1.0, "normalized"
    if coords != "normalized":
        return g
    return (g + 1) / 2 * (size - 1) if align_corners else ((g + 1) * size - 1) / 2


def place_of(grid, b, p, coords):
    """The place of an output point, of its batch entry: relative ones count from the point's own index, x first."""
    place = grid[(b, *p)]
    return [g + i for g, i in zip(place, reversed(p), strict=True)] if coords == "relative" else place


def resolve(i, size, boundary):
    """From any index to one in range, or else None or FILL. Walks home step by step, as a picture of the rule would."""
    while not 0 <= i < size:
        if boundary in ("zeros", "fill"):
            return FILL if boundary == "fill" else None
        if boundary == "border" or size == 1:
            i = 0 if i < 0 else size - 1
        elif boundary == "mirror":  # about the centre of the edge pixel
            i = -i if i < 0 else 2 * (size - 1) - i
        elif boundary == "symmetric":  # about the outer edge of the edge pixel
            i = -1 - i if i < 0 else 2 * size - 1 - i
        elif boundary == "wrap":
            i = i + size if i < 0 else i - size
    return i


def reduce(p, size, boundary):
    """From a position, however far away, to one near the array that has the same neighbours there."""
    if boundary in ("mirror", "symmetric"):
        return math.fmod(p, max(2 * (size - 1) if boundary == "mirror" else 2 * size, 1))
    if boundary == "wrap":
        return p % size
    return min(max(p, -8.0), size + 7.0)  # further out nothing changes


def fold(p, size, boundary):
    """From a position to one inside the array, for nearest and linear sampling."""
    low, high = (-0.5, size - 0.5) if boundary == "symmetric" else (0.0, size - 1.0)
    if boundary in ("mirror", "symmetric") and high > low:
        d = math.fmod(abs(p - low), 2 * (high - low))
        p = low + min(d, 2 * (high - low) - d)
    return min(max(p, 0.0), size - 1.0)


def cubic(x, a=-0.75):
    """The kernel of R. Keys."""
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def windowed(x, a):
    """The sinc, seen through a window of Lanczos' that is a sinc itself."""
    sinc = lambda x: math.sin(math.pi * x) / (math.pi * x) if x % 1 else float(x == 0)  # noqa: E731
    return sinc(x) * sinc(x / a) if abs(x) < a else 0.0


def mitchell(x, b, c):
    """The kernels of Mitchell and Netravali."""
    x = abs(x)
    if x < 1:
        return ((12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + (6 - 2 * b)) / 6
    outer = (-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)
    return outer / 6 if x < 2 else 0.0


def spline(x, order):
    """The B-spline of an order: the last, blurred by a pixel's width."""
    if order == 0:
        return 1.0 if -0.5 <= x < 0.5 else 0.0
    half = (order + 1) / 2
    return ((half + x) * spline(x + 0.5, order - 1) + (half - x) * spline(x - 0.5, order - 1)) / order


def coefficients(array, axis, order, boundary, transposed=False):
    """What a B-spline must weigh along an axis to give the array there; or the transpose of that map."""
    size = array.shape[axis]
    rule = boundary if boundary in ("symmetric", "wrap") else "mirror"
    values = np.zeros((size, size))
    for i in range(size):
        for k in range(i - order // 2, i + order // 2 + 1):
            values[i, resolve(k, size, rule)] += spline(i - k, order)
    solved = np.linalg.solve(values.T if transposed else values, np.moveaxis(array, axis, 0).reshape(size, -1))
    return np.moveaxis(solved.reshape(size, *np.delete(array.shape, axis)), 0, axis)


def filtered(array, mode, padding_mode, align_corners, coords, transposed=False):
    """An array (N, C, *size) with its B-splines' coefficients in its place, on those axes that have such a kernel."""
    axes = options(mode, padding_mode, align_corners, coords, array.ndim - 2)
    for i, (kernel, parameters, boundary) in enumerate(axes):
        if kernel == "bspline" and parameters[0] > 1 and parameters[1]:
            array = coefficients(array.astype(float), array.ndim - 1 - i, int(parameters[0]), boundary, transposed)
    return array


def weights(p, kernel, parameters):
    """The neighbours of a position on an endless axis, as pairs (index, weight)."""
    i = math.floor(p)
    if kernel == "nearest":
        return [(round(p), 1.0)]
    if kernel == "linear":
        return [(i, 1 - (p - i)), (i + 1, p - i)]
    if kernel == "keys":
        return [(k, cubic(p - k, *parameters)) for k in range(i - 1, i + 3)]
    if kernel == "mitchell":
        return [(k, mitchell(p - k, *parameters)) for k in range(i - 1, i + 3)]
    if kernel == "bspline":
        n = int(parameters[0])
        first = (i if n % 2 else round(p)) - n // 2
        return [(k, spline(p - k, n) if n else 1.0) for k in range(first, first + n + 1)]
    a = int(parameters[0])
    pairs = [(k, windowed(p - k, a)) for k in range(i - a + 1, i + a + 1)]
    return [(k, w / sum(w for _, w in pairs)) for k, w in pairs]


def taps(p, size, kernel, parameters, boundary):
    """The neighbours of a position on an axis, as pairs (index or None, weight)."""
    if kernel in ("nearest", "linear") and boundary in FOLDING:
        p, boundary = fold(p, size, boundary), "zeros"  # what a fold leaves outside is skipped
    return [(resolve(i, size, boundary), w) for i, w in weights(p, kernel, parameters)]


def footprint(place, size, mode, padding_mode, align_corners, coords="normalized", outside="pad", nan_places="nan"):
    """The taps of one place (x first) as pairs (index or FILL, weight), or None where the place is undefined."""
    if 0 in size:
        raise ValueError(f"an array of size {tuple(size)} has nothing to sample")
    axes, nowhere, beyond = [], False, False
    margin = {"pad": math.inf, "fill": 0.5, "fill_centres": 0.0}[outside]
    for g, s, (kernel, parameters, boundary) in zip(
        place, reversed(size), options(mode, padding_mode, align_corners, coords, len(size)), strict=True
    ):
        p = locate(float(g), s, align_corners, coords, nan_places)
        if p < -margin or p > s - 1 + margin:
            beyond = True
        elif math.isnan(p) or (math.isinf(p) and boundary in PERIODIC):
            nowhere = True
        else:
            axes.insert(0, taps(reduce(p, s, boundary), s, kernel, parameters, boundary))
    if nowhere and nan_places != "fill":
        return None
    if nowhere or beyond:
        return [(FILL, 1.0)]
    products = [([i for i, _ in tap], math.prod(w for _, w in tap)) for tap in itertools.product(*axes)]
    filled = [(FILL, weight) for index, weight in products if FILL in index and weight]
    return filled + [(tuple(index), weight) for index, weight in products if FILL not in index and None not in index]


def grid_sample(
    input,
    grid,
    mode="bilinear",
    padding_mode="zeros",
    align_corners=False,
    coords="normalized",
    fill_value=0.0,
    outside="pad",
    nan_places="nan",
):
    """Sample ``input`` (N, C, *size) at the places of ``grid`` (N, *out, D), x first; returns (N, C, *out) in float64.

    The options are those of :func:`gridsample.grid_sample`.
    """
    input = filtered(input, mode, padding_mode, align_corners, coords)
    (n, channels, *size), out = input.shape, grid.shape[1:-1]
    result, fill = np.zeros((n, channels, *out)), np.broadcast_to(fill_value, channels)
    for b, *p in np.ndindex(n, *out):
        place = place_of(grid, b, p, coords)
        pixels = footprint(place, size, mode, padding_mode, align_corners, coords, outside, nan_places)
        for c in range(channels):
            values = [math.nan]
            if pixels is not None:
                values = [w * float(fill[c] if i is FILL else input[(b, c, *i)]) for i, w in pixels]
            result[(b, c, *p)] = sum(values)
    return result


def grid_splat(
    values,
    grid,
    shape,
    mode="bilinear",
    padding_mode="zeros",
    align_corners=False,
    coords="normalized",
    outside="pad",
    nan_places="nan",
):
    """The transpose: add each of ``values`` (N, C, *out) to the pixels of an array of ``shape`` that it came from."""
    options(mode, padding_mode, align_corners, coords, len(shape) - 2)
    result = np.zeros(shape)
    for b, *p in np.ndindex(*grid.shape[:-1]):
        place = place_of(grid, b, p, coords)
        for i, w in footprint(place, shape[2:], mode, padding_mode, align_corners, coords, outside, nan_places) or []:
            for c in range(shape[1] if i is not FILL else 0):
                result[(b, c, *i)] += w * float(values[(b, c, *p)])
    return filtered(result, mode, padding_mode, align_corners, coords, transposed=True)

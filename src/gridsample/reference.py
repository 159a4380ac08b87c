"""The definition, as a reader would write it: loops, float64, nothing shared with the engines.

    out[n, c, p] = sum over taps k of   product over axes a of  w_a(k_a)   *   input[n, c, resolve(first_a + k_a)]

Slow on purpose. Every engine is tested against this page.
"""

import itertools
import math

import numpy as np


def locate(g, size, align_corners):
    """From a normalized coordinate to a position in pixels."""
    return (g + 1) / 2 * (size - 1) if align_corners else ((g + 1) * size - 1) / 2


def resolve(i, size, padding):
    """From any index to one in range, or None outside. Walks home step by step, as a picture of the rule would."""
    while not 0 <= i < size:
        if padding == "zeros":
            return None
        if padding == "border" or size == 1:
            i = 0 if i < 0 else size - 1
        elif padding == "mirror":  # about the centre of the edge pixel
            i = -i if i < 0 else 2 * (size - 1) - i
        elif padding == "symmetric":  # about the outer edge of the edge pixel
            i = -1 - i if i < 0 else 2 * size - 1 - i
    return i


def fold(p, size, padding):
    """From a position to one inside the array, for nearest and linear sampling. Zeros has no fold."""
    if padding == "zeros":
        return p
    low, high = (-0.5, size - 0.5) if padding == "symmetric" else (0.0, size - 1.0)
    if padding in ("mirror", "symmetric") and high > low:
        d = math.fmod(abs(p - low), 2 * (high - low))
        p = low + min(d, 2 * (high - low) - d)
    return min(max(p, 0.0), size - 1.0)


def cubic(x, a=-0.75):
    """The kernel of R. Keys."""
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def taps(p, size, mode, padding):
    """The neighbours of a position on one axis, as pairs (index or None, weight)."""
    if mode in ("nearest", "linear"):
        q = fold(p, size, padding)
        if mode == "nearest":
            pairs = [(round(q), 1.0)]
        else:
            pairs = [(math.floor(q), 1 - (q - math.floor(q))), (math.floor(q) + 1, q - math.floor(q))]
        return [(resolve(i, size, "zeros"), w) for i, w in pairs]
    first = math.floor(p) - 1
    return [(resolve(i, size, padding), cubic(p - i)) for i in range(first, first + 4)]


def footprint(place, size, mode, padding, align_corners):
    """The taps of one place (x first) as pairs (index, weight), or None where the place is undefined."""
    axes = []
    for g, s in zip(reversed(place), size, strict=True):
        p = locate(float(g), s, align_corners)
        if math.isnan(p) or (math.isinf(p) and padding in ("mirror", "symmetric")):
            return None
        if padding in ("mirror", "symmetric"):
            p = math.fmod(p, max(2 * (s - 1) if padding == "mirror" else 2 * s, 1))
        else:
            p = min(max(p, -8.0), s + 7.0)  # further out nothing changes
        axes.append(taps(p, s, mode, padding))
    products = [([i for i, _ in tap], math.prod(w for _, w in tap)) for tap in itertools.product(*axes)]
    return [(tuple(index), weight) for index, weight in products if None not in index]


def grid_sample(input, grid, mode="linear", padding="zeros", align_corners=False):
    """Sample ``input`` (N, C, *size) at the places of ``grid`` (N, *out, D), x first; returns (N, C, *out) in float64.

    ``mode`` is nearest, linear or cubic; ``padding`` is zeros, border, mirror or symmetric.
    """
    (n, channels, *size), out = input.shape, grid.shape[1:-1]
    result = np.zeros((n, channels, *out))
    for b, *p in np.ndindex(n, *out):
        pixels = footprint(grid[(b, *p)], size, mode, padding, align_corners)
        for c in range(channels):
            values = [math.nan] if pixels is None else [w * float(input[(b, c, *i)]) for i, w in pixels]
            result[(b, c, *p)] = sum(values)
    return result


def grid_splat(values, grid, shape, mode="linear", padding="zeros", align_corners=False):
    """The transpose: add each of ``values`` (N, C, *out) to the pixels of an array of ``shape`` that it came from."""
    result = np.zeros(shape)
    for b, *p in np.ndindex(*grid.shape[:-1]):
        for i, w in footprint(grid[(b, *p)], shape[2:], mode, padding, align_corners) or []:
            for c in range(shape[1]):
                result[(b, c, *i)] += w * float(values[(b, c, *p)])
    return result

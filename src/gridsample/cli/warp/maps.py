"""From what was asked to a map, and to the size of the output.

A map is a 3 x 3 matrix that goes backward, from a pixel of the output to where it comes from in the input, as sampling
needs it: ``(x, y, w) = map @ (u, v, 1)``, and the place is ``(x / w, y / w)``. Pixels count from the centre of the top
left one, x to the right and y down.
"""

import argparse
import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from gridsample.cli.parser import names
from gridsample.cli.refusal import Refusal

Map = npt.NDArray[Any]  # float64
Size = tuple[int, int]  # width, height

FARTHEST = 1e9  # pixels from the origin; fractions of a pixel are sure to be exact enough this side of it
LOOKED_AT = 33  # places on each axis that stand for all, where a map is another everywhere
LONGEST = 10**10  # pixels along a side; more is refused by the number of pixels anyway


def plan(options: argparse.Namespace, source: Size) -> tuple[Map, Size]:
    """Return the backward map and the size of the output that were asked for."""
    steps = [name for name in ("scale", "rotate", "translate") if getattr(options, name) is not None]
    whole = [name for name in ("matrix", "perspective") if getattr(options, name) is not None]
    if whole and (steps or len(whole) > 1):
        others = [f"--{name}" for name in [*whole[1:], *steps]]
        raise Refusal(f"--{whole[0]} describes the whole map; it cannot be combined with {names(others, 'and')}")
    if options.matrix:
        forward = matrix(options.matrix)
        size = options.size or source
    elif options.perspective:
        forward = perspective(options.perspective)
        size = options.size or source
    else:
        scale = options.scale or 1.0
        if max(source) * scale < 0.5:
            raise Refusal(f"--scale {scale:g} leaves no pixel of {source[0]}x{source[1]}")
        width, height = (max(1, math.floor(length * scale + 0.5)) for length in source)
        scaled = (width, height)
        size = options.size or scaled
        degrees = options.rotate or 0
        # where S times the size is no whole number, the picture is still shown whole, unless that would shear it
        fits = degrees % 90 == 0 and size == scaled
        scales = (width / source[0], height / source[1]) if fits else (scale, scale)
        forward = about_centre(source, size, scales, degrees, options.translate or (0, 0))
    if max(size) > LONGEST:
        raise Refusal(f"the output is too large: {size[0]}x{size[1]}")
    if options.expand:
        forward, size = expanded(forward, source)
    backward = inverted(forward)
    check_reach(backward, size)
    return backward, size


def about_centre(source: Size, target: Size, scales: Any, degrees: float, translate: tuple[float, float]) -> Map:
    """Return the map forward: scale, rotate counter-clockwise, move the centres onto each other, translate."""
    cos, sin = cos_and_sin(degrees)
    turned = np.array([[cos, sin], [-sin, cos]]) * scales  # y points down
    x, y = ((length - 1) / 2 for length in source)
    u, v = ((length - 1) / 2 + shift for length, shift in zip(target, translate, strict=True))
    result = np.eye(3)
    result[:2, :2] = turned
    result[:2, 2] = [u - turned[0, 0] * x - turned[0, 1] * y, v - turned[1, 0] * x - turned[1, 1] * y]
    return result


def cos_and_sin(degrees: float) -> tuple[float, float]:
    """Return cosine and sine, exact for quarter turns, so that these move pixels onto pixels."""
    quarters, rest = divmod(degrees, 90)
    cos, sin = math.cos(math.radians(rest)), math.sin(math.radians(rest))
    for _ in range(int(quarters) % 4):
        cos, sin = -sin, cos
    return cos, sin


def matrix(numbers: list[float]) -> Map:
    """Return the map forward that six numbers give."""
    a, b, _, d, e, _ = numbers
    determinant = a * e - b * d
    if not abs(determinant) > sys.float_info.epsilon * (abs(a * e) + abs(b * d)):
        raise Refusal(
            f"--matrix has no inverse: A E - B D is {determinant:g} for {' '.join(f'{m:g}' for m in numbers)}"
        )
    return np.array([*numbers, 0, 0, 1], np.float64).reshape(3, 3)


def perspective(points: list[tuple[float, float]]) -> Map:
    """Return the map forward from four points of the input to four of the output, given in turn; w is above 0 there.

    Each pair gives two linear equations for the eight numbers of a homography (Hartley and Zisserman 2004, section
    4.1); points are first moved and scaled to lie around 0, so that the equations are well conditioned.
    """
    (before, undo_before), (after, undo_after) = normalized(points[0::2]), normalized(points[1::2])
    if flat(before) or flat(after):
        raise Refusal(
            "--perspective needs four corners of which no three lie on one line, in the input and in the output"
        )
    rows = []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y, -u], [0, 0, 0, x, y, 1, -v * x, -v * y, -v]]
    numbers = np.linalg.svd(np.array(rows))[2][-1]  # which all eight equations make 0
    forward: Map = np.linalg.inv(undo_after) @ numbers.reshape(3, 3) @ undo_before
    depths = (np.column_stack([points[0::2], np.ones(4)]) @ forward.T)[:, 2]
    if depths.min() < 0 < depths.max():
        raise Refusal("--perspective turns the picture inside out: give the corners in the same order on both sides")
    forward /= depths[0]
    return forward


def normalized(points: list[tuple[float, float]]) -> tuple[Map, Map]:
    """Return points around 0 at a distance of about 1, and the map to there."""
    places = np.array(points, np.float64)
    centre = places.mean(axis=0)
    scale = 1 / max(np.abs(places - centre).max(), sys.float_info.min)
    return (places - centre) * scale, np.array(
        [[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]]
    )


def flat(points: Map) -> bool:
    """Return whether three of four points lie on a line."""
    for left_out in range(4):
        a, b, c = np.delete(points, left_out, axis=0)
        if abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) < 1e-9:
            return True
    return False


def expanded(forward: Map, source: Size) -> tuple[Map, Size]:
    """Return the map moved so that the whole picture is seen, and the size that this needs."""
    width, height = source
    corners = np.array([[x, y, 1] for x in (-0.5, width - 0.5) for y in (-0.5, height - 0.5)])
    places = corners @ forward.T
    if not (places[:, 2] > 0).all():
        raise Refusal("--expand needs the whole picture this side of the horizon; give a --size instead")
    places = places[:, :2] / places[:, 2:]
    low, high = places.min(axis=0), places.max(axis=0)
    if not np.isfinite(high - low).all() or (high - low).max() > LONGEST:
        raise Refusal("the output is too large to be expanded to; take less extreme numbers")
    size = np.maximum(1, np.ceil(high - low - 1e-6)).astype(int)  # a turn may round to a hair more than whole pixels
    step = np.eye(3)
    step[:2, 2] = (size - 1) / 2 - (low + high) / 2
    return step @ forward, (int(size[0]), int(size[1]))


def inverted(forward: Map) -> Map:
    """Return the map backward; w is above 0 in it where it is in the map forward."""
    a, b, c, d, e, f = forward[:2].ravel()
    if forward[2, 0] or forward[2, 1] or forward[2, 2] != 1:
        return np.linalg.inv(forward)
    determinant = a * e - b * d  # by hand, as quarter turns and whole factors come out exact so
    a, b, d, e = e / determinant, -b / determinant, -d / determinant, a / determinant
    return np.array([[a, b, -a * c - b * f], [d, e, -d * c - e * f], [0, 0, 1]])


def check_reach(backward: Map, target: Size) -> None:
    """Refuse a map under which a corner of the output, so any of it, lies too far away to be computed."""
    if backward[2, 0] or backward[2, 1]:
        return  # a perspective reaches as far as one likes; what is far is outside
    width, height = target
    places = np.array([[x, y, 1] for x in (0, width) for y in (0, height)]) @ backward[:2].T
    if not (np.abs(places) <= FARTHEST).all():
        raise Refusal(f"the output would come from pixels more than {FARTHEST:g} away; take less extreme numbers")


def is_resize(backward: Map, source: Size, target: Size) -> bool:
    """Return whether a map only scales, and shows the picture whole."""
    scales = np.array(source) / target
    resize = np.diag([*scales, 1.0])
    resize[:2, 2] = (np.array(source) - 1) / 2 - scales * (np.array(target) - 1) / 2
    return bool(np.allclose(backward, resize, rtol=1e-9, atol=1e-9 * max(source)))


def shrinks(backward: Map, source: Size, target: Size) -> bool:
    """Return whether some of the picture is made smaller, so that pixels of it are passed over."""
    if not (backward[2, 0] or backward[2, 1]):
        return _passes_over(backward[:2, :2])
    u, v = (np.linspace(0, length - 1, LOOKED_AT) for length in target)
    for x, y, w in np.array([[x, y, 1] for x in u for y in v]) @ backward.T:
        inside = w > 0 and -0.5 <= x / w <= source[0] and -0.5 <= y / w <= source[1]
        if inside and _passes_over((backward[:2, :2] - np.outer([x / w, y / w], backward[2, :2])) / w):
            return True
    return False


def _passes_over(step: Map) -> bool:
    """Return whether output pixels that lie one apart come from places farther apart; a little shear does no harm."""
    longest = np.linalg.norm(step, axis=0).max()
    return bool(longest > 1 + 1e-6 and max(longest / 1.25, abs(np.linalg.det(step))) > 1 + 1e-6)

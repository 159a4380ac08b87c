"""Where the points of a case are, and how arrays lie in memory."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

import gridsample as gs

if TYPE_CHECKING:
    from bench.case import Case

ANGLE = 0.3  # radians
REACH = 4  # pixels that a window of correlations reaches from its centre


def affine(case: "Case", theta: np.ndarray) -> np.ndarray:
    """Return the grid of an affine map, one for all batch entries or one for each."""
    return gs.affine_grid(np.broadcast_to(theta, (case.shape[0], *theta.shape[-2:])), case.result_shape)


def rotated(case: "Case", _: np.random.Generator) -> np.ndarray:
    """Return the grid of a rotation: in the plane of x and y, and then in that of y and z."""
    axes = len(case.size)
    turn = np.eye(axes)
    for a in range(axes - 1):
        plane = np.eye(axes)
        plane[a : a + 2, a : a + 2] = [[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]]
        turn = plane @ turn
    return affine(case, np.concatenate([turn, np.zeros((axes, 1))], axis=1))


def identity(case: "Case", _: np.random.Generator) -> np.ndarray:
    """Return the places of the output's own points."""
    return affine(case, np.eye(len(case.size), len(case.size) + 1))


def smooth(case: "Case", rng: np.random.Generator) -> np.ndarray:
    """Return the places of the output's own points, moved by some slow waves."""
    grid = identity(case, rng)
    return grid + 0.05 * np.sin(7 * grid[..., ::-1])


def random(case: "Case", rng: np.random.Generator) -> np.ndarray:
    """Return places anywhere in the array."""
    return rng.uniform(-1, 1, case.grid_shape)


def augmented(case: "Case", rng: np.random.Generator) -> np.ndarray:
    """Return the grids of small random affine maps of images, another one for each."""
    moved = np.eye(2, 3) + rng.uniform(-0.2, 0.2, (case.shape[0], 2, 3))
    return affine(case, moved)


def window(case: "Case", rng: np.random.Generator) -> np.ndarray:
    """Return whole steps of pixels around a place anywhere in the image, another one for each batch entry."""
    lengths = np.array(case.size[::-1])
    steps = [np.linspace(-REACH, REACH, count) for count in case.out[::-1]]
    around = np.stack(np.meshgrid(*steps, indexing="xy"), axis=-1)
    centres = rng.uniform(0, lengths - 1, (case.shape[0], 1, 1, 2))
    return (2 * (centres + around) + 1) / lengths - 1


GRIDS: dict[str, Callable[["Case", np.random.Generator], np.ndarray]] = {
    "rotated": rotated,
    "identity": identity,
    "smooth": smooth,
    "random": random,
    "augmented": augmented,
    "window": window,
}

# ----------------------------------------------------------------------------------------------------------- in memory

Shape = tuple[int, ...]


def first(shape: Shape) -> Shape:
    """Return the strides of an array in C order."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def last(shape: Shape) -> Shape:
    """Return those of channels that are neighbours, one batch entry after the other."""
    inner = first((shape[0], *shape[2:], shape[1]))
    return (inner[0], inner[-1], *inner[1:-1])


def heads(shape: Shape) -> Shape:
    """Return those of a view of (H·W, heads·C) as (heads, C, H, W): the heads lie between the pixels."""
    entries, channels, _, width = shape
    return (channels, 1, width * entries * channels, entries * channels)


def one_of(levels: int) -> Callable[[Shape], Shape]:
    """Return those of one level's places, (heads, queries, points, 2), in (queries, heads, levels, points, 2)."""

    def strides(shape: Shape) -> Shape:
        entries, _, points, axes = shape
        head = levels * points * axes
        return (head, entries * head, axes, 1)

    return strides


LAYOUTS: dict[str, Callable[[Shape], Shape]] = {
    "first": first,
    "last": last,
    "heads": heads,
    "a level of 1": one_of(1),
    "a level of 3": one_of(3),
    "a level of 4": one_of(4),
}
"""The strides, in numbers, of an array of a shape."""

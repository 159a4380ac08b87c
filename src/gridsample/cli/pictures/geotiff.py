"""GeoTIFF: where in the world the pixels are, kept true of a warped picture (OGC 19-008r4, sections 6 and 7)."""

from typing import Any

import numpy as np

from gridsample.cli.pictures import tags
from gridsample.cli.refusal import Refusal

SCALE, TIEPOINTS, TRANSFORMATION, KEYS = 33550, 33922, 34264, 34735
PLACE = (SCALE, TIEPOINTS, TRANSFORMATION)
RASTER_TYPE, IS_POINT = 1025, 2  # a key, and its value that puts whole coordinates on the centres of pixels


def moved(own: tags.Tags, backward: Any) -> tags.Tags:
    """Return the tags of :data:`PLACE` for a warped picture, or ``own`` itself if there are none.

    The map counts pixels from the centre of the first, and so must the coordinates between it and the world.
    """
    if not any(number in own for number in PLACE):
        return own
    shift = np.eye(3)
    if not _is_point(own):
        shift[:2, 2] = 0.5  # from pixels to raster coordinates, which begin at the corner
    raster = shift @ backward @ np.linalg.inv(shift)
    if TRANSFORMATION in own or SCALE in own:
        return _affine(own, raster)
    return _points(own, np.linalg.inv(raster))


def _is_point(own: tags.Tags) -> bool:
    keys = own[KEYS]["data"] if KEYS in own else []
    return any(keys[at] == RASTER_TYPE and keys[at + 3] == IS_POINT for at in range(4, len(keys) - 3, 4))


def _affine(own: tags.Tags, raster: Any) -> tags.Tags:
    """Return the transformation from raster to world that a picture has whose map is ``raster``."""
    if raster[2, 0] or raster[2, 1]:
        raise Refusal("GeoTIFF cannot tell its place in the world under a perspective; make a copy without it first")
    raster = raster / raster[2, 2]
    if TRANSFORMATION in own:
        world = np.array(own[TRANSFORMATION]["data"], np.float64).reshape(4, 4)
    else:
        (sx, sy, sz), (i, j, k, x, y, z) = own[SCALE]["data"][:3], own[TIEPOINTS]["data"][:6]
        world = np.array([[sx, 0, 0, x - sx * i], [0, -sy, 0, y + sy * j], [0, 0, sz, z - sz * k], [0, 0, 0, 1]])
    step = np.eye(4)
    step[np.ix_((0, 1, 3), (0, 1, 3))] = raster
    world = world @ step
    if SCALE in own and world[0, 0] > 0 > world[1, 1] and not world[0, 1] and not world[1, 0]:
        scale = [world[0, 0], -world[1, 1], own[SCALE]["data"][2]]
        point = [0.0, 0.0, 0.0, *world[:3, 3]]
        return {SCALE: tags.tag(tags.DOUBLE, scale), TIEPOINTS: tags.tag(tags.DOUBLE, point)}
    return {TRANSFORMATION: tags.tag(tags.DOUBLE, [float(value) for value in world.ravel()])}


def _points(own: tags.Tags, forward: Any) -> tags.Tags:
    """Return the tie points (raster and world, three coordinates each), moved with the pixels they are on."""
    points = np.array(own[TIEPOINTS]["data"], np.float64).reshape(-1, 6)
    places = np.column_stack([points[:, :2], np.ones(len(points))]) @ forward.T
    points[:, :2] = places[:, :2] / places[:, 2:]
    return {TIEPOINTS: tags.tag(tags.DOUBLE, [float(value) for value in points.ravel()])}

"""A 4x4 array sampled at a few points: the readable definition, the fast engine, and torch if it is installed."""

import importlib.util

import numpy as np

import gridsample as gs
from gridsample import reference

MODES = ("nearest", "bilinear", "bicubic")
PADDINGS = ("zeros", "border", "reflection")
OUTSIDE = (-1.2, 1.3)


def by_reference(array, grid, mode, padding):
    """Loops in float64: src/gridsample/reference.py, one page."""
    return reference.grid_sample(array, grid, mode, padding)


def by_gridsample(array, grid, mode, padding):
    """Sample by the fast engine."""
    return gs.grid_sample(array, grid, mode, padding)


def by_torch(array, grid, mode, padding):
    """Sample by torch's own function of that name."""
    import torch  # noqa: PLC0415  (only if it is installed)

    tensors = torch.from_numpy(array), torch.from_numpy(grid)
    return torch.nn.functional.grid_sample(*tensors, mode, padding, align_corners=False).numpy()


def samplers():
    """Return who can sample here, by the heading of their column."""
    columns = {"reference": by_reference, "gridsample": by_gridsample}
    if importlib.util.find_spec("torch"):
        columns["torch"] = by_torch
    return columns


def report():
    """Return the experiment as text."""
    rng = np.random.default_rng(0)
    array = rng.integers(0, 100, (1, 1, 4, 4)).astype(np.float32)
    inside = rng.uniform(-1, 1, (4, 2))
    points = np.vstack([inside, OUTSIDE]).astype(np.float32).reshape(1, 1, -1, 2)
    heading = "".join(f"{name:>14}" for name in samplers())
    lines = ["A 4x4 array, float32", ""]
    lines += ["  " + "".join(f"{value:5.0f}" for value in row) for row in array[0, 0]]
    lines += ["", "at four random points, and one outside, mode=bilinear, padding_mode=zeros", ""]
    lines += [f"{'x':>8}{'y':>8}    {heading}"]
    results = [sample(array, points, "bilinear", "zeros") for sample in samplers().values()]
    for k, (x, y) in enumerate(points[0, 0]):
        lines.append(f"{x:8.3f}{y:8.3f}    " + "".join(f"{result[0, 0, 0, k]:14.5f}" for result in results))
    lines += ["", f"at {OUTSIDE}, in every mode and padding", ""]
    lines += [f"  {'mode':<9} {'padding':<10}{heading[2:]}"]
    outside = points[:, :, -1:]
    for mode in MODES:
        for padding in PADDINGS:
            values = [sample(array, outside, mode, padding)[0, 0, 0, 0] for sample in samplers().values()]
            lines.append(f"  {mode:<9} {padding:<10}" + "".join(f"{value:14.5f}" for value in values)[2:])
    return "\n".join(lines)

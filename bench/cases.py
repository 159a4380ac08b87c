"""The table of cases: what is measured, against whom, and what is aimed at; ``models.py`` has those of real models."""

from dataclasses import replace
from typing import Any

from bench.case import LABELS, OURSELVES, Case, Goal
from bench.models import MODELS

PHOTO = (1, 3, 1080, 1350)
PLAIN = (1, 1, 1080, 1350)
BATCH = (8, 3, 480, 500)
FEATURES = (1, 64, 250, 260)
CUBE = (1, 1, 100, 100, 100)
HALF = (8, 3, 160, 200)  # torch reads foreign memory for larger ones of two bytes a number


def like(shape: tuple[int, ...], **options: Any) -> dict[str, Any]:
    """Return a case's shapes where the output has the input's size."""
    return {"shape": shape, "out": shape[2:], **options}


def torch(all: float | None = None, one: float | None = None, every: float | None = None) -> dict[str, Any]:
    """Return goals against torch: with several threads and AVX-512, with one and AVX2, and otherwise."""
    return {"goals": (Goal("torch", every, one, all),)}


def ourselves(ratio: float, **otherwise: Any) -> dict[str, Any]:
    """Return the goal, in every setting, of a case against the same with other options."""
    return {"goals": (Goal(OURSELVES, ratio),), "otherwise": otherwise}


IMAGES = (
    Case("bilinear, 1x3x1080x1350, rotated", **like(PHOTO), **torch(4, 2), copy_goal=0.5),
    Case("bilinear, 1x3x1080x1350, identity", **like(PHOTO), grid="identity", **torch(None, 2.5)),
    Case("nearest, 1x3x1080x1350, rotated", **like(PHOTO), mode="nearest", **torch(3, 1.5)),
    Case("bicubic, 1x3x1080x1350, rotated", **like(PHOTO), mode="bicubic", **torch(5, 3.5)),
    Case("bilinear, float64, 1x3x700x720", **like((1, 3, 700, 720)), dtype="float64", **torch(2, 1.5)),
    Case("bilinear, batch 8x3x480x500", **like(BATCH), **torch(2, 2)),
    Case("bicubic, batch 8x3x480x500", **like(BATCH), mode="bicubic", **torch(3, 3)),
    Case("bilinear, 1x3x64x64", **like((1, 3, 64, 64)), **torch(1.5, 1.5)),
    Case("bilinear, 1x3x256x256", **like((1, 3, 256, 256)), **torch(2, 2)),
    Case("bilinear, 1x64x250x260, rotated", **like(FEATURES), **torch(6, 4)),
    Case("bilinear, 1x64x250x260, random", **like(FEATURES), grid="random", **torch(8, 4)),
    Case("bilinear, 1x64x250x260, channels last", **like(FEATURES), channels="last", **torch(9, 5)),
    Case("bilinear, border, 1x3x1080x1350", **like(PHOTO), padding="border"),
    Case("bilinear, reflection, 1x3x1080x1350", **like(PHOTO), padding="reflection"),
    Case("bilinear, float16, 8x3x160x200 to 480x500", HALF, (480, 500), dtype="float16"),
    Case("bilinear, bfloat16, 8x3x160x200 to 480x500", HALF, (480, 500), dtype="bfloat16"),
)

VOLUMES = (
    Case("trilinear, 1x1x128x128x128", **like((1, 1, 128, 128, 128)), **torch(12, 6)),
    Case("trilinear, 1x16x60x60x60", **like((1, 16, 60, 60, 60)), **torch(8, 6)),
    Case("nearest, 1x1x128x128x128", **like((1, 1, 128, 128, 128)), mode="nearest", **torch(9, 5)),
)

BACKWARD: dict[str, Any] = {"operation": "backward"}

GRADIENTS = (
    Case("backward, both, bilinear 1x3x1080x1350", **like(PHOTO), **BACKWARD, **torch(8, 4)),
    Case("backward, both, bicubic 1x3x500x510", **like((1, 3, 500, 510)), **BACKWARD, mode="bicubic", **torch(11, 4)),
    Case("backward, both, trilinear 1x1x100x100x100", **like(CUBE), **BACKWARD, **torch(6, 6)),
    Case(
        "backward, grid only, bilinear 1x32x300x310",
        **like((1, 32, 300, 310)),
        **BACKWARD,
        gradients="grid",
        **torch(6, 4),
    ),
    Case("double backward, bilinear 1x3x300x310", **like((1, 3, 300, 310)), operation="double backward", **torch(5, 5)),
    Case(
        "gradient penalty, bilinear 1x3x300x310",
        **like((1, 3, 300, 310)),
        operation="gradient penalty",
        **torch(5, 5),
        note="the sample, its `square().sum()` differentiated by both, and those gradients' squares again",
    ),
)

NUMPY: dict[str, Any] = {"family": "numpy"}
RGB: dict[str, Any] = {**like(PHOTO), **NUMPY, "channels": "last"}
SPLINE: dict[str, Any] = {**NUMPY, "padding": "reflection"}
TINY = (1, 3, 16, 16)


def opencv(**goals: float) -> dict[str, Any]:
    """Return goals against OpenCV."""
    return {"goals": (Goal("OpenCV", **goals),)}


def volumes(*, scipy: dict[str, float], interpol: float | None = None) -> dict[str, Any]:
    """Return goals against the two that have volumes of any kernel."""
    interpols = () if interpol is None else (Goal("torch-interpol", interpol),)
    return {"goals": (Goal("SciPy", **scipy), *interpols)}


ARRAYS = (
    Case(
        "NumPy RGB (N, H, W, C), linear, 1x1080x1350x3",
        **RGB,
        **opencv(all=1.5, one=1.2),
        note="OpenCV takes absolute pixel coordinates, which are made of the grid outside of the timing",
    ),
    Case(
        "NumPy RGB (N, H, W, C), Lanczos 3, 1x1080x1350x3",
        **RGB,
        **opencv(every=1),
        mode="lanczos(3)",
        note="OpenCV's Lanczos has eight taps on each axis, ours six, and so other values",
    ),
    Case("NumPy bytes RGB (N, H, W, C), linear, 1x1080x1350x3", **RGB, **opencv(all=1.2, every=1), dtype="uint8"),
    Case(
        "NumPy bytes RGB (N, H, W, C), nearest, 1x1080x1350x3", **RGB, **opencv(every=1), dtype="uint8", mode="nearest"
    ),
    Case("NumPy bytes RGB (N, H, W, C), cubic, 1x1080x1350x3", **RGB, **opencv(), dtype="uint8", mode="bicubic"),
    Case("volume 100x100x100, linear", **like(CUBE), **NUMPY, **volumes(scipy={"all": 25, "one": 20}, interpol=50)),
    Case(
        "volume 100x100x100, B-spline 3 with its filter",
        **like(CUBE),
        **SPLINE,
        **volumes(scipy={"every": 25}, interpol=50),
        mode="bspline",
    ),
    Case(
        "volume 100x100x100, B-spline 3 of coefficients",
        **like(CUBE),
        **SPLINE,
        **volumes(scipy={"every": 40}),
        mode="bspline(3,0)",
    ),
    Case(
        "image 1080x1350, B-spline 3 with its filter",
        **like(PLAIN),
        **SPLINE,
        **volumes(scipy={"every": 15}),
        mode="bspline",
    ),
    Case("linear, 1-D, 1x3x1000003", **like((1, 3, 1_000_003)), **NUMPY, grid="smooth", **volumes(scipy={})),
    Case(
        "small call 1x3x16x16, NumPy",
        **like(TINY),
        **NUMPY,
        **torch(every=1),
        note="our call with NumPy arrays beside torch's own with tensors",
    ),
    Case("small call 1x3x16x16, tensors", **like(TINY), **torch(every=0.6)),
)

PACE_KEPT = 0.95  # what a float64 grid may cost
REAL_AND_IMAGINARY = 1 / 2.1
BOUNDARY = 1 / 1.15  # what another boundary may cost
AS_BORDER: dict[str, Any] = {**like(PHOTO), **NUMPY, **ourselves(BOUNDARY, padding="border")}
ONE_STRIDE = 1 / 1.1  # what a strided grid may cost
TO_CHANNELS_FIRST = 1 / 1.5  # what it may cost to leave the channels of the result apart
LEVEL = (8, 32, 40, 40)
"""Features of heads, as ``models.py`` has them."""

OURS = (
    Case("bilinear, wrap, 1x3x1080x1350", **AS_BORDER, padding="wrap"),
    Case(
        "bilinear, fill 0, 1x3x1080x1350",
        **like(PHOTO),
        **NUMPY,
        padding="fill",
        **ourselves(BOUNDARY, padding="border"),
    ),
    Case(
        "NumPy, float64 grid, bilinear 1x3x1080x1350",
        **like(PHOTO),
        **NUMPY,
        grid_dtype="float64",
        **ourselves(PACE_KEPT, grid_dtype="float32"),
        note="float32 under a float64 grid, as NumPy users write it; peers that want one dtype get the grid in float32",
    ),
    Case(
        "NumPy, float64 grid, bicubic 1x3x1080x1350",
        **like(PHOTO),
        **NUMPY,
        mode="bicubic",
        grid_dtype="float64",
        **ourselves(PACE_KEPT, grid_dtype="float32"),
    ),
    Case(
        "complex, bilinear 1x3x1080x1350",
        **like(PHOTO),
        **NUMPY,
        dtype="complex64",
        **ourselves(REAL_AND_IMAGINARY, dtype="float32"),
        note="twice the numbers: the goal is 2.1 times the time of real ones",
    ),
    Case(
        f"{LABELS} labels, linear, 1x1x1080x1350",
        **like(PLAIN),
        **NUMPY,
        operation="labels",
        padding="border",
        **ourselves(20, operation="one-hot"),
        note="beside `grid_sample` of a float32 plane for each label, made outside of the timing, and `argmax`",
    ),
    Case(
        "pixels of heads, 8x32x40x40, result by channels",
        LEVEL,
        (8500, 4),
        grid="random",
        channels="heads",
        **ourselves(TO_CHANNELS_FIRST, channels="last"),
        peers=("torch",),
    ),
    Case(
        "pixels of heads, 8x32x40x40, strided grid",
        LEVEL,
        (8500, 4),
        grid="random",
        channels="heads",
        grid_layout="a level of 4",
        **ourselves(ONE_STRIDE, grid_layout="first"),
        peers=("torch",),
    ),
)

SIDES = (64, 128, 256, 512, 1024, 2048, 4096)
CHANNELS = (1, 4, 16, 64, 256)


def swept(shape: tuple[int, ...]) -> list[Case]:
    """Return a point of the sweep: tensors beside torch, and where OpenCV can, arrays as it likes them."""
    entries, channels, *size = shape
    by_torch = Case(f"sweep {'x'.join(map(str, shape))}, tensors", **like(shape), **torch(every=1), peers=("torch",))
    if channels > 4:
        return [by_torch]
    words = "x".join(map(str, (entries, *size, channels)))
    options = {**NUMPY, **opencv(every=1), "channels": "last", "peers": ("OpenCV",)}
    return [by_torch, Case(f"sweep {words}, NumPy", **like(shape), **options)]


SWEEP = tuple(
    case
    for shape in [*((1, 3, side, side) for side in SIDES), *((1, channels, 256, 256) for channels in CHANNELS)]
    for case in swept(shape)
)

GROUPS = {
    "Images": IMAGES,
    "Volumes": VOLUMES,
    "Gradients": GRADIENTS,
    "NumPy arrays, and small calls": ARRAYS,
    **MODELS,
    "Beside ourselves": OURS,
    "Sizes and threads": SWEEP,
}

CASES = tuple(replace(case, group=group) for group, cases in GROUPS.items() for case in cases)

IMPORT = "import gridsample"
IMPORT_GOAL = 0.050
"""Seconds that importing may take beyond NumPy's own import."""


def chosen(words: list[str]) -> list[str]:
    """Return the names that contain any of some words; all of them without words.

    Raises
    ------
    ValueError
        For a word that no name contains.
    """
    names = [*(case.name for case in CASES), IMPORT]
    for word in words:
        if not any(word.lower() in name.lower() for name in names):
            listed = "\n  ".join(names)
            raise ValueError(f"no case is called anything with {word!r}; the cases are\n  {listed}")
    return [name for name in names if not words or any(word.lower() in name.lower() for word in words)]

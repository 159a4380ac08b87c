"""The calls of real models, with the shapes and the layouts that their libraries make them with.

Deformable attention, as transformers calls it, samples a view of (H·W, heads·channels) as (heads, channels, H, W): its
channels are neighbours and whose heads lie between the pixels, at places that are one level of (queries, heads, levels,
points, 2): see ``heads`` and ``one_of`` in ``places.py``. Its places are near random.
"""

from typing import Any

from bench.case import Case, Goal

PEERS = ("torch", "ONNX Runtime")
BOTH = ("sample", "forward and backward")
NO_SLOWER = 1.0
WORDS = {"sample": "forward", "forward and backward": "forward and backward"}


def pair(name: str, *shapes: tuple[int, ...], goal: Goal, **options: Any) -> list[Case]:
    """Return a call without gradients, and the same with those of both."""
    return [
        Case(f"{name}, {WORDS[operation]}", *shapes, operation, goals=(goal,), peers=PEERS, **options)
        for operation in BOTH
    ]


def attention(model: str, queries: int, points: int, sides: tuple[int, ...], levels: int, goal: Goal) -> list[Case]:
    """Return deformable attention of one image, on each level of its features."""
    return [
        case
        for side in sides
        for case in pair(
            f"{model}, {queries}x{points} at {side}x{side}",
            (8, 32, side, side),
            (queries, points),
            goal=goal,
            grid="random",
            channels="heads",
            grid_layout=f"a level of {levels}",
        )
    ]


ATTENTION = Goal("torch", NO_SLOWER, 3, 4)
ANY = Goal("torch", NO_SLOWER)
DETR = (80, 40, 20, 10)

DEFORMABLE = (
    *attention("Deformable DETR, encoder", 8500, 4, DETR, 4, ATTENTION),
    *attention("Deformable DETR, decoder", 300, 4, DETR, 4, ATTENTION),
    *attention("RT-DETR v2, decoder", 300, 4, (80, 40, 20), 3, Goal("torch", NO_SLOWER, 2.5, 4)),
    *attention("Mask2Former", 3024, 4, (48, 24, 12), 3, ATTENTION),
    *attention("OmDet-Turbo", 900, 4, (80,), 3, ANY),
    *attention("PP-DocLayout v3", 300, 4, (100,), 3, ANY),
    *pair(
        "heads under a grid in C order, 300x4 at 80x80",
        (8, 32, 80, 80),
        (300, 4),
        goal=ANY,
        grid="random",
        channels="heads",
    ),
    *pair(
        "BEVFormer, 2500x8 at 15x25",
        (8, 32, 15, 25),
        (2500, 8),
        goal=ANY,
        grid="random",
        channels="heads",
        grid_layout="a level of 1",
    ),
)

WINDOWS: dict[str, Any] = {"goal": ANY, "grid": "window"}
TINY = Goal("torch", 1 / 1.5)

OTHERS = (
    *pair("RAFT, 1536x1x32x48, 9x9 each", (1536, 1, 32, 48), (9, 9), **WINDOWS),
    *pair("RAFT, 1536x1x4x6, 9x9 each", (1536, 1, 4, 6), (9, 9), **WINDOWS),
    *pair("PointRend, 100x1x28x28, 784 each", (100, 1, 28, 28), (784, 1), goal=ANY, grid="random"),
    *pair(
        "GLM-4V, bicubic, 1x1536x24x24, channels last, 576 points",
        (1, 1536, 24, 24),
        (576, 1),
        goal=ANY,
        mode="bicubic",
        padding="border",
        grid="random",
        channels="last",
    ),
    Case(
        "torchvision v2, nearest, 8x3x224x224",
        (8, 3, 224, 224),
        (224, 224),
        mode="nearest",
        goals=(ANY,),
        peers=PEERS,
    ),
    Case(
        "augmentation, 64x3x224x224, affine, reflection",
        (64, 3, 224, 224),
        (224, 224),
        padding="reflection",
        grid="augmented",
        goals=(ANY,),
        peers=PEERS,
    ),
    Case("video, 1x3x1080x1920, smooth, border", (1, 3, 1080, 1920), (1080, 1920), padding="border", grid="smooth"),
    *pair(
        "registration, 1x1x160x192x224, smooth",
        (1, 1, 160, 192, 224),
        (160, 192, 224),
        goal=ANY,
        grid="smooth",
    ),
    Case(
        "feature planes, 3x32x512x512, a million points each",
        (3, 32, 512, 512),
        (1, 1_000_000),
        grid="random",
        goals=(ANY,),
        peers=("torch",),
    ),
    Case("one tiny call 1x1x4x4, recorded", (1, 1, 4, 4), (4, 4), "recorded sample", goals=(TINY,), peers=("torch",)),
    Case(
        "one tiny call 1x1x4x4, forward and backward",
        (1, 1, 4, 4),
        (4, 4),
        "forward and backward",
        goals=(TINY,),
        peers=("torch",),
    ),
)

MODELS = {"Deformable attention": DEFORMABLE, "Other models": OTHERS}
"""The groups, by name; libraries that cannot take strides get arrays in the order they like, outside of the timing."""

"""The engines, and which of them serves what.

``CAPABILITIES`` is the one table: the choice of engine, the parametrisation of the tests and the support table of the
docs are made from it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Capability:
    """What an engine computes.

    Attributes
    ----------
    axes : range
        The numbers of spatial axes.
    dtypes : tuple of str
        The dtypes of the arrays, in and out.
    arrays : str
        Whose arrays it takes, in words.
    """

    axes: range
    dtypes: tuple[str, ...]
    arrays: str


CAPABILITIES = {
    "cpu": Capability(range(1, 4), ("float16", "bfloat16", "float32", "float64"), "NumPy arrays, torch CPU tensors"),
    "portable": Capability(
        range(1, 33), ("float16", "bfloat16", "float32", "float64"), "array-API arrays, torch tensors on any device"
    ),
}

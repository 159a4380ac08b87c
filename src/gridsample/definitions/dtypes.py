"""The dtypes: what each is read and computed in, what splats of it add up in, and who has it.

Positions are computed in the wider of the reals of values and grid; weights and sums of samples in the values' own.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class DType:
    """One dtype of values or coordinates.

    Attributes
    ----------
    name : str
        What all libraries call it.
    kind : str
        "float"; others are not served yet.
    real : str
        The dtype that its samples are weighed and added up in, and positions at least.
    sum : str
        The dtype that splats of it are added up in, and rounded from once.
    eps : float
        The spacing of its numbers at 1.
    only : str or None
        The one library that has it.
    """

    name: str
    kind: str
    real: str
    sum: str
    eps: float
    only: str | None = None


FLOAT16 = DType("float16", "float", "float32", "float32", 2.0**-10)
BFLOAT16 = DType("bfloat16", "float", "float32", "float32", 2.0**-7, only="torch")
FLOAT32 = DType("float32", "float", "float32", "float32", 2.0**-23)
FLOAT64 = DType("float64", "float", "float64", "float64", 2.0**-52)

DTYPES = {dtype.name: dtype for dtype in (FLOAT16, BFLOAT16, FLOAT32, FLOAT64)}


def names_in(library: str) -> tuple[str, ...]:
    """Return the names of those that a library's arrays may have."""
    return tuple(dtype.name for dtype in DTYPES.values() if dtype.only in (None, library))


@lru_cache(maxsize=64, typed=True)  # comparing the dtypes of different libraries may warn
def name_of(dtype: Any) -> str:
    """Return the name of any library's dtype, without the library: torch.float32, and others."""
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


def real_of(*dtypes: Any) -> str:
    """Return the name of the widest of the reals of some dtypes."""
    return max((DTYPES[name_of(dtype)].real for dtype in dtypes), key=lambda real: -DTYPES[real].eps)

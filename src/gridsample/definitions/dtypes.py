"""The dtypes: what each is read and computed in, what splats of it add up in, and who has it.

Positions are computed in the wider of the reals of values and grid; weights and sums of samples in the values' own.

Engines compute in floats. Other dtypes are *carried* by floats that hold each of their numbers exactly: where every
kernel is nearest, elements come back as they were; otherwise integers are the floats' answer, rounded half to even and
saturated.
"""

import sys
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
    real : str
        The dtype that its samples are weighed and added up in, and positions at least.
    sum : str
        The dtype that splats of it are added up in, and rounded from once.
    eps : float
        The spacing of its numbers at 1.
    largest : float
        The largest number.
    only : str or None
        The one library that has it.
    """

    name: str
    real: str
    sum: str
    eps: float
    largest: float
    only: str | None = None


FLOAT16 = DType("float16", "float32", "float32", 2.0**-10, 65504.0)
BFLOAT16 = DType("bfloat16", "float32", "float32", 2.0**-7, (2 - 2.0**-7) * 2.0**127, only="torch")
FLOAT32 = DType("float32", "float32", "float32", 2.0**-23, (2 - 2.0**-23) * 2.0**127)
FLOAT64 = DType("float64", "float64", "float64", 2.0**-52, sys.float_info.max)

DTYPES = {dtype.name: dtype for dtype in (FLOAT16, BFLOAT16, FLOAT32, FLOAT64)}


@dataclass(frozen=True)
class Carried:
    """One dtype whose elements go through an engine as floats, and come back.

    Attributes
    ----------
    name : str
        What all libraries call it, those that have it.
    kind : str
        "integer"; "complex", whose two parts go one after the other; or "label": numbers that are only copied.
    by : str
        The dtype that carries it.
    halves : bool
        Whether it takes two: the upper and the lower 32 bits.
    signed : bool
    bits : int
    """

    name: str
    kind: str
    by: str
    bits: int
    signed: bool = False

    @property
    def halves(self) -> bool:
        """Whether it takes two floats to carry one."""
        return self.kind != "complex" and self.bits > 32

    @property
    def limits(self) -> tuple[int, int]:
        """Return the least and the greatest number."""
        return (-(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1) if self.signed else (0, 2**self.bits - 1)


CARRIED = {
    carried.name: carried
    for carried in (
        Carried("bool", "label", "float32", 1),
        Carried("uint8", "integer", "float32", 8),
        Carried("int8", "integer", "float32", 8, signed=True),
        Carried("uint16", "integer", "float64", 16),
        Carried("int16", "integer", "float64", 16, signed=True),
        Carried("uint32", "integer", "float64", 32),
        Carried("int32", "integer", "float64", 32, signed=True),
        Carried("uint64", "label", "float64", 64),
        Carried("int64", "label", "float64", 64, signed=True),
        Carried("complex64", "complex", "float32", 64),
        Carried("complex128", "complex", "float64", 128),
    )
}


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


def position_of(*dtypes: Any) -> str:
    """Return the name of the dtype that positions are computed in, of arrays of some dtypes."""
    names = map(name_of, dtypes)
    return real_of(*(CARRIED[name].by if name in CARRIED else name for name in names))

"""What a peer is.

A peer says which cases it can do (``supports``, asked without importing the library), and prepares one: everything that
is not the sampling itself - layouts, absolute coordinates, models - happens before the timing. The results are given
back as NumPy arrays with the channels second, outside of the timing too.
"""

import importlib.metadata
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from bench.case import Arrays, Case

UNHELD = "as built"
"""What a library says of its instructions that has no switch for them."""


class Prepared(NamedTuple):
    """A call that is ready to be timed."""

    run: Callable[[], Any]
    convert: Callable[[Any], list[np.ndarray]]
    """Makes NumPy arrays, channels second, of what ``run`` returns."""


def positions(case: Case, grid: np.ndarray, dtype: Any = "float64") -> np.ndarray:
    """Return a grid as absolute positions in pixels, x first: pixel i is centred on i."""
    lengths = np.array(case.size[::-1], "float64")
    return (((grid.astype("float64") + 1) * lengths - 1) / 2).astype(dtype)


class Peer:
    """A library. Subclasses import it when they are made."""

    name: str
    package: str
    """The name it is installed by."""
    module: str
    """The name it is imported by."""
    how: str
    """How it is called, for the report."""

    @classmethod
    def installed(cls) -> bool:
        """Whether the library can be imported."""
        return importlib.util.find_spec(cls.module) is not None

    @classmethod
    def version(cls) -> str:
        """Return its version."""
        return importlib.metadata.version(cls.package)

    @classmethod
    def supports(cls, case: Case) -> bool:
        """Whether it does what a case asks for."""
        raise NotImplementedError

    @classmethod
    def computes_in(cls, case: Case) -> str:
        """Return the dtype of its positions and weights, at the least."""
        return "float64" if case.dtype == "float64" else "float32"

    @classmethod
    def steps(cls, case: Case) -> float:  # noqa: ARG003
        """Return what it rounds positions to, in pixels, if it does."""
        return 0.0

    @classmethod
    def agrees(cls, case: Case) -> bool:  # noqa: ARG003
        """Whether it means what we mean by a case's options."""
        return True

    def instructions(self) -> str:
        """Return the instructions it says it uses here, or that it has no say."""
        return UNHELD

    def set_threads(self, count: int) -> None:
        """Use so many threads."""

    def prepare(self, case: Case, arrays: Arrays) -> Prepared:
        """Make a call ready."""
        raise NotImplementedError


def samples(case: Case, *, dtypes: tuple[str, ...], axes: tuple[int, ...], modes: tuple[str, ...]) -> bool:
    """Whether a case is plain sampling of some kinds."""
    return case.operation == "sample" and case.dtype in dtypes and len(case.size) in axes and case.mode in modes

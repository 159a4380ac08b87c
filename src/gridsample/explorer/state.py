"""What the explorer holds between requests: the picture, and the coefficients that B-splines weigh."""

import itertools
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from gridsample.cli.refusal import Refusal
from gridsample.definitions.splines import BSpline
from gridsample.explorer.choices import Options
from gridsample.explorer.pictures import Picture
from gridsample.splines import spline_coefficients

MOST_KEPT = 4


class Stale(Refusal):
    """A request about a picture that another has taken the place of."""


class Shown:
    """A picture, by its number, with what was made of it.

    Attributes
    ----------
    number : int
        Which requests name, so that none is answered about another picture than it is about.
    picture : Picture
    """

    def __init__(self, number: int, picture: Picture) -> None:
        self.number, self.picture = number, picture
        self._kept: OrderedDict[Any, npt.NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def weighed(self, options: Options) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return what a call samples, and its options: for a B-spline, coefficients that are made once."""
        kernel = options.kernel
        if not (isinstance(kernel, BSpline) and kernel.filters):
            return self.picture.values, options.call
        key = kernel, options.padding_mode, options.align_corners
        with self._lock:
            if key not in self._kept:
                self._kept[key] = spline_coefficients(
                    self.picture.values,
                    kernel.order,
                    options.padding_mode,
                    options.align_corners,
                )
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[key], {**options.call, "mode": kernel.unfiltered()}


class State:
    """The picture of the moment."""

    def __init__(self, picture: Picture) -> None:
        self._numbers = itertools.count(1)
        self.put(picture)

    def put(self, picture: Picture) -> Shown:
        """Show another picture."""
        self._shown = Shown(next(self._numbers), picture)
        return self._shown

    @property
    def shown(self) -> Shown:
        """Return the picture of the moment."""
        return self._shown

    def of(self, number: Any) -> Shown:
        """Return the picture of a number, if it is still shown."""
        shown = self._shown
        if number != shown.number:
            raise Stale("another picture was opened meanwhile")
        return shown

"""What an engine is: what it serves, three operations on arrays, and fused ones that it may lack.

Arrays come with their channels second. An engine checks nothing and allocates nothing but scratch: it fills ``result``
and returns it. Only where a library's arrays cannot be written to is ``result`` None, and a new one returned.
"""

from typing import Any, Literal, NamedTuple, TypeAlias

from gridsample.spec import Spec

Orders: TypeAlias = tuple[int, ...]
Shape: TypeAlias = tuple[int, ...]


class Call(NamedTuple):
    """What decides for an engine.

    Attributes
    ----------
    operation : str
    library, device : str
        Whose arrays: "numpy", "torch" and so on, and where: "cpu" or what the library calls it.
    dtypes : tuple of str
        Those of the arrays that are read.
    size : tuple of int
        The spatial axes.
    orders : tuple of int
        The highest order of derivative of the weights that is needed, for each component of the grid.
    spec : Spec
    """

    operation: Literal["pull", "push", "grid_gradient", "vote"]
    library: str
    device: str
    dtypes: tuple[str, ...]
    size: Shape
    orders: Orders
    spec: Spec


class Engine:
    """One engine. The attributes describe it in the documentation; ``serves`` decides.

    Attributes
    ----------
    name : str
    arrays : str
        Whose arrays it takes, in words.
    axes : range
        The numbers of spatial axes.
    dtypes : tuple of str
    kernels, boundaries : str
        Which it has, in words.
    splats : str
        Where it splats, in words.
    whole : tuple of str
        Those of whole numbers that it samples by itself, rounding; others are carried by floats.
    labels : tuple of str
        Those of whole numbers that it votes among; none, if it has no votes.
    """

    name: str
    arrays: str
    axes: range
    dtypes: tuple[str, ...]
    kernels: str
    boundaries: str
    splats: str
    whole: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def reads(self, library: str, device: str) -> str | None:  # noqa: ARG002
        """Return None, or why this engine cannot read a library's arrays on a device."""
        return None

    def serves(self, call: Call) -> str | None:
        """Return None, or why this engine cannot: it ends the sentence "cpu cannot: ..."."""
        unreadable = self.reads(call.library, call.device)
        if unreadable is not None:
            return unreadable
        if len(call.size) not in self.axes:
            return f"it takes {self.axes.start} to {self.axes.stop - 1} spatial axes, not {len(call.size)}"
        if call.operation == "vote" and call.dtypes[0] not in self.labels:
            return f"it votes among {', '.join(self.labels) or 'no labels'}, not {call.dtypes[0]}"
        taken = {"pull": self.whole, "vote": self.labels}.get(call.operation, ())
        for place, dtype in enumerate(call.dtypes):
            if dtype not in self.dtypes and not (place == 0 and dtype in taken):
                return f"it takes {', '.join(self.dtypes)}, not {dtype}"
        return None

    def pull(self, input: Any, grid: Any, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Sample ``input`` (N or 1, C, *size) at ``grid`` (N or 1, *out, D): (N, C, *out), with derivatives."""
        raise NotImplementedError

    def push(self, values: Any, grid: Any, shape: Shape, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Add ``values`` (N or 1, C, *out) at ``grid`` (N or 1, *out, D) into zeros of ``shape`` (N or 1, C, *size).

        ``result`` is of the dtype that splats of the values' add up in, and rounded by others.
        """
        raise NotImplementedError

    def grid_gradient(self, values: Any, input: Any, grid: Any, spec: Spec, orders: Orders, result: Any = None) -> Any:
        """Return the sum over channels of ``values`` times the pull's derivative by each component: as ``grid``.

        There is at least one value.
        """
        raise NotImplementedError

    # Votes, which an engine may lack: then it has no ``labels``, and another is chosen.

    def vote(self, labels: Any, grid: Any, spec: Spec, fill: int, result: Any = None) -> Any:
        """Return the labels with the largest total weight: of ``labels`` (N or 1, C, *size) at ``grid``, (N, C, *out).

        Sums within 8 eps of the largest tie with it, and the smallest label of those wins. Taps outside vote for
        ``fill``, which undefined places get, and filled ones.
        """
        raise NotImplementedError

    # Fused operations. What an engine lacks is put together here.

    def sample(self, input: Any, grid: Any, spec: Spec) -> Any:  # noqa: ARG002
        """Check, make the result and fill it, for small calls; None leaves it all to others."""
        return None

    def gradients(
        self, values: Any, input: Any, grid: Any, spec: Spec, orders: Orders, by_input: Any, by_grid: Any
    ) -> None:
        """Fill ``by_input``, as :meth:`push`, and ``by_grid``, as :meth:`grid_gradient`: both gradients of a pull."""
        self.push(values, grid, tuple(input.shape), spec, orders, by_input)
        self.grid_gradient(values, input, grid, spec, orders, by_grid)

    def gradients_along(
        self,
        steps: tuple[Any, Any],  # noqa: ARG002
        values: Any,  # noqa: ARG002
        input: Any,  # noqa: ARG002
        grid: Any,  # noqa: ARG002
        spec: Spec,  # noqa: ARG002
        orders: Orders,  # noqa: ARG002
        results: tuple[Any, Any, Any],  # noqa: ARG002
    ) -> bool:
        """Fill how :meth:`gradients` change along a step of input and grid, by values, input and grid (core/along.h).

        All are of one dtype, that splats of it add up in, and in C order, but for ``input``, its step, and the result
        by input, which have the input's strides. A step that is None is zero; a result that is None is left out, and so
        must the one by input be without a step of the grid. False leaves it all to others.
        """
        return False

"""Objects that are no tensors but override torch's functions by ``__torch_function__``, such as proxies of torch.fx.

They are asked as torch's own functions ask them: with the public function, and its options as the caller could have
written them. Past this file they never come.
"""

from typing import Any, NamedTuple

from torch import overrides

from gridsample.definitions.conventions import CORNERS, Convention
from gridsample.faces.torch.face import as_text
from gridsample.grids import affine_grid as public_affine_grid
from gridsample.grids import normalize, to_pixels
from gridsample.sampling import grid_sample, grid_splat
from gridsample.spec import MAP_COORDS, AxisSpec, Spec, convention_of, parse_options

ask: Any = overrides.handle_torch_function  # whose types are for functions without overloads


DEFAULTS = {"coords": "normalized", "fill_value": 0.0, "outside": "pad", "nan_places": "nan", "channels": "first"}


def chosen(**named: Any) -> dict[str, Any]:
    """Return the options that are not left at their defaults."""
    plain = (str, float)  # others, such as arrays, may have a comparison of their own
    return {
        name: value
        for name, value in named.items()
        if value is not None and not (isinstance(value, plain) and value == DEFAULTS.get(name))
    }


class Options(NamedTuple):
    """The options of a call, checked, and as they are written."""

    spec: Spec
    mode: Any
    padding_mode: Any
    align_corners: bool | None
    named: dict[str, Any]

    @property
    def axes(self) -> tuple[AxisSpec, ...]:
        """Those of the axes."""
        return self.spec.axes

    def axis(self, component: int) -> AxisSpec:
        """Return those of one axis."""
        return self.spec.axis(component)

    def others(self, last: bool, **others: Any) -> dict[str, Any]:
        """Return the options by name, without those that are left at their defaults."""
        given = chosen(**self.named, channels="last" if last else "first", **others)
        return {"padding_mode": self.padding_mode, "align_corners": self.align_corners, **given}


def parse(mode: Any, padding_mode: Any, align_corners: Any, coords: Any, *filling: Any) -> Options:
    """Return options that are checked, with texts in place of kernels and boundaries."""
    spec = parse_options(mode, padding_mode, align_corners, coords, *filling)
    named = dict(zip(("coords", "fill_value", "outside", "nan_places"), (coords, *filling), strict=False))
    return Options(spec, as_text(mode), as_text(padding_mode), align_corners, named)


def absolute(grid: Any, *_others: Any) -> Any:
    """Leave a relative grid to the call."""
    return grid


def without_nan(grid: Any, _edge: float) -> Any:
    """Leave NaN to the call."""
    return grid


def sample(input: Any, grid: Any, options: Options, last: bool, out: Any = None, orders: Any = None) -> Any:
    """Ask for a sample."""
    given = options.others(last, derivative=orders, out=out)
    return ask(grid_sample, (input, grid), input, grid, options.mode, **given)


def splat(values: Any, grid: Any, shape: Any, options: Options, last: bool, out: Any = None, **means: Any) -> Any:
    """Ask for a splat."""
    given = options.others(last, out=out, **means)
    return ask(grid_splat, (values, grid), values, grid, shape, options.mode, **given)


def means(values: Any, grid: Any, shape: Any, options: Options, last: bool, out: Any, eps: float | None) -> Any:
    """Ask for a splat of means."""
    return splat(values, grid, shape, options, last, out, normalize=True, eps=eps)


def affine_grid(theta: Any, size: Any, convention: Convention, center: Any, last: bool) -> Any:
    """Ask for a grid."""
    written = ((align, coords) for coords in MAP_COORDS for align in (False, True))
    align, coords = next(options for options in written if convention_of(*options) == convention)
    given = chosen(coords=coords, center=center, channels="last" if last else "first")
    return ask(public_affine_grid, (theta,), theta, size, align_corners=align, **given)


def converted(_argument: str, points: Any, size: Any, convert: Any) -> Any:
    """Ask for other coordinates."""
    function = normalize if convert.__name__ == "coordinate" else to_pixels
    return ask(function, (points,), points, size, align_corners=convert.__self__ == CORNERS)

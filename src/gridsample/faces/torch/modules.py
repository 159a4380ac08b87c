"""Sampling as a module, with its options fixed: for models that are put together, scripted, traced or exported."""

from typing import TYPE_CHECKING

import torch

from gridsample.definitions.filling import FillValue, NanPlaces, Outside
from gridsample.faces.torch import face
from gridsample.faces.torch.scripting import text_of
from gridsample.sampling import grid_sample
from gridsample.spec import Channels, Coords, Mode, PaddingMode, check_channels

NO_TEXTS = ("a kernel or boundary of your own without a text", "")


class GridSample(torch.nn.Module):
    """Sample at arbitrary points: :func:`gridsample.grid_sample` as a module.

    Parameters
    ----------
    mode, padding_mode, align_corners, coords, fill_value, outside, nan_places, channels
        As in :func:`gridsample.grid_sample`.

    Examples
    --------
    >>> import torch
    >>> import gridsample.torch as gst
    >>> sample = gst.GridSample("bicubic", padding_mode="border")
    >>> sample(torch.ones(1, 3, 5, 7), torch.zeros(1, 2, 4, 2)).shape
    torch.Size([1, 3, 2, 4])
    >>> sample
    GridSample('bicubic', padding_mode='border', align_corners=False, coords='normalized', channels='first')
    """

    def __init__(
        self,
        mode: Mode = "bilinear",
        padding_mode: PaddingMode = "zeros",
        align_corners: bool | None = False,
        *,
        coords: Coords = "normalized",
        fill_value: FillValue = 0.0,
        outside: Outside = "pad",
        nan_places: NanPlaces = "nan",
        channels: Channels = "first",
    ) -> None:
        super().__init__()
        spec = face.parse(mode, padding_mode, align_corners, coords, fill_value, outside, nan_places)
        self.mode, self.padding_mode, self.align_corners = mode, padding_mode, bool(align_corners)
        check_channels(channels)
        self.coords, self.channels = coords, channels
        self.fill_value, self.outside, self.nan_places = fill_value, outside, nan_places
        # for TorchScript
        self.texts = (text_of(mode), text_of(padding_mode)) if spec.text else NO_TEXTS
        self.fill_values = [float(value) for value in (spec.text[-1] if spec.text else (0.0,))]

    if TYPE_CHECKING:  # torch's own takes and returns anything

        def __call__(self, input: torch.Tensor, grid: torch.Tensor) -> torch.Tensor: ...

    def forward(self, input: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        """Return samples (N, C, *out) of ``input`` (N, C, *size) at ``grid`` (N, *out, D)."""
        if torch.jit.is_scripting():  # type: ignore[attr-defined]
            return self._scripted(input, grid)
        return self._sample(input, grid)

    @torch.jit.unused
    def _sample(self, input: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        options = self.mode, self.padding_mode, self.align_corners
        filling = {"fill_value": self.fill_value, "outside": self.outside, "nan_places": self.nan_places}
        return grid_sample(input, grid, *options, coords=self.coords, channels=self.channels, **filling)

    def _scripted(self, input: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
        """Do the same in TorchScript, which knows the operator but not this package."""
        mode, padding_mode = self.texts
        result: torch.Tensor = torch.ops.gridsample.grid_sample(
            input,
            grid,
            mode,
            padding_mode,
            self.align_corners,
            self.coords,
            self.fill_values,
            self.outside,
            self.nan_places,
            self.channels,
            None,
        )
        return result

    def extra_repr(self) -> str:
        """Return the options, as the constructor takes them; of those about the fill value, what was chosen."""
        chosen = {"fill_value": (self.fill_value, 0.0), "outside": (self.outside, "pad")}
        chosen["nan_places"] = self.nan_places, "nan"
        filling = "".join(
            f"{name}={value!r}, " for name, (value, default) in chosen.items() if repr(value) != repr(default)
        )
        return (
            f"{self.mode!r}, padding_mode={self.padding_mode!r}, align_corners={self.align_corners}, "
            f"coords={self.coords!r}, {filling}channels={self.channels!r}"
        )

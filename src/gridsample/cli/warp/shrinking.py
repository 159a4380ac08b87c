"""Which maps make a picture smaller by libvips' resampler, which averages, instead of sampling."""

from gridsample.cli.warp.maps import Map, Size, is_resize

KERNELS = {  # the library's, and libvips' of the same family, which grow as wide as the shrinking asks for
    **dict.fromkeys(("bilinear", "linear", "trilinear"), "linear"),
    **dict.fromkeys(("bicubic", "cubic", "tricubic", "keys"), "cubic"),
    **{"lanczos": "lanczos3", "mitchell": "mitchell"},
}


def shrinking_kernel(mode: str, backward: Map, source: Size, target: Size) -> str | None:
    """Return libvips' kernel for a map that only makes a picture smaller, or None where it is to be sampled."""
    smaller = target != source and target[0] <= source[0] and target[1] <= source[1]
    return KERNELS.get(mode) if smaller and is_resize(backward, source, target) else None

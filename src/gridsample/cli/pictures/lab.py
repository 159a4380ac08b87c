"""CIE Lab as TIFF stores it in whole numbers (TIFF 6.0, section 23; ICC Lab, TIFF Technical Note 4)."""

from typing import Any

import numpy as np

ICC_LAB = 9  # whose a and b are shifted up to be above 0, where those of CIE Lab (8) are signed


def decoded_lab(pixels: Any, photometric: int, bits: int) -> Any:
    """Return L from 0 to 100, and a and b, as floats; what else there is, such as alpha, as it is."""
    result = pixels.astype(np.float64)
    steps = 2 ** (bits - 8)
    result[..., 0] *= 100 / (np.iinfo(f"u{bits // 8}").max if photometric != ICC_LAB or bits == 8 else 65280)
    if photometric == ICC_LAB:
        result[..., 1:3] = result[..., 1:3] / steps - 128
    else:
        result[..., 1:3] = pixels[..., 1:3].astype(f"u{bits // 8}").view(f"i{bits // 8}") / steps
    return result


def encoded_lab(pixels: Any, photometric: int, bits: int) -> Any:
    """Return whole numbers for L, a and b, rounded and clipped."""
    kind, signed = f"u{bits // 8}", f"i{bits // 8}"
    most, steps = np.iinfo(kind).max, 2 ** (bits - 8)
    result = pixels.copy()
    result[..., 0] *= (most if photometric != ICC_LAB or bits == 8 else 65280) / 100
    result[..., 1:3] = (result[..., 1:3] + 128 * (photometric == ICC_LAB)) * steps
    whole = np.rint(result).clip(0, most).astype(kind)
    if photometric != ICC_LAB:
        limits = np.iinfo(signed)
        whole[..., 1:3] = np.rint(result[..., 1:3]).clip(limits.min, limits.max).astype(signed).view(kind)
    return whole

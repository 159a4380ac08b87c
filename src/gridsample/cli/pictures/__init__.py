"""Picture files: read with everything worth keeping, and written whole or not at all.

Pixels go through pyvips (libvips). What else a file says is carried from file to file as it is, by a module for each
format: :mod:`png`, :mod:`jpeg`, :mod:`tiff`, :mod:`webp`.
"""

from gridsample.cli.pictures.jpeg import JPEG
from gridsample.cli.pictures.png import PNG
from gridsample.cli.pictures.tiff import TIFF
from gridsample.cli.pictures.webp import WEBP

FORMATS = (PNG, JPEG, TIFF, WEBP)

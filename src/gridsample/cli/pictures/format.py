"""What a kind of picture file is to the command, and a picture while it is between two files."""

from dataclasses import dataclass, field, replace
from typing import Any

from gridsample.cli.pictures.metadata import Metadata
from gridsample.cli.refusal import Refusal
from gridsample.cli.stopping import Stop

Map = Any  # of 3 x 3 float64, from output to input pixels


class Broken(Exception):
    """A file is not what its first bytes say; the words for it."""


MOST_PIXELS = 2**28  # 16384 x 16384; as RGBA samples they take 4 GiB


def check_size(what: str, size: tuple[int, int]) -> None:
    """Refuse an absurd size before anything of it is decoded or computed."""
    width, height = size
    if width * height > MOST_PIXELS:
        raise Refusal(f"{what} is too large: {width}x{height} are more than {MOST_PIXELS} pixels")


@dataclass(frozen=True)
class Page:
    """What is known of one picture of a file without its pixels.

    Attributes
    ----------
    metadata : Metadata
    coding : dict
        How its own format compresses it: options of the writer.
    depth : int
        Bits of a sample, if below 8; else 8.
    palette : bool
        Whether its colours are those of a palette.
    index : int
        Which picture of the file it is, from 0.
    orientation : int
        How it is stored, by EXIF's numbers; 1 is upright.
    reader : str
        The library that reads its samples and writes them.
    """

    metadata: Metadata = field(default_factory=Metadata)
    coding: dict[str, Any] = field(default_factory=dict)
    depth: int = 8
    palette: bool = False
    index: int = 0
    orientation: int = 1
    reader: str = "pyvips"


@dataclass(frozen=True)
class Contents:
    """What is known of a file without its pixels.

    Attributes
    ----------
    pages : list of Page
        The pictures that can be read.
    beside : str or None
        Pictures that cannot, in words.
    coding : dict
        How its own format puts the pictures together.
    """

    pages: list[Page]
    beside: str | None = None
    coding: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """One picture, upright.

    Attributes
    ----------
    pixels : array (height, width, bands)
        Integers or floats.
    colours : str
        What the bands beside alpha are, as libvips calls it: b-w, srgb, cmyk, lab and their likes.
    has_alpha : bool
        Whether the last band is alpha.
    page : Page
        The rest.
    """

    pixels: Any
    colours: str
    has_alpha: bool
    page: Page

    @property
    def is_grey(self) -> bool:
        """Whether there is one band beside alpha."""
        return bool(self.pixels.shape[2] - self.has_alpha == 1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width, _ = self.pixels.shape
        return width, height

    @property
    def samples(self) -> str:
        """The samples in words."""
        bits = self.page.depth if self.page.depth < 8 else 8 * self.pixels.dtype.itemsize
        kind = {"u": "", "i": " signed", "f": " floating-point"}[self.pixels.dtype.kind]
        return f"{bits}-bit{kind} samples"


@dataclass(frozen=True)
class Wanted:
    """How the output is asked to be compressed.

    Attributes
    ----------
    quality : int or None
        Of what is compressed with loss.
    lossless : bool
    """

    quality: int | None = None
    lossless: bool = False


@dataclass(frozen=True)
class Format:
    """A kind of picture file. Each is derived from this.

    Attributes
    ----------
    name : str
        In messages, and in lower case that of libvips' functions.
    signature : bytes
        A pattern for the first bytes of a file.
    endings : tuple of str
        Of file names.
    holds : tuple of str
        The kinds of metadata that it holds, of those that formats share.
    samples : tuple of str
        The dtypes that it holds.
    colours : tuple of str
        What it holds beside grey and RGB.
    strictness : str
        The least complaint of libvips' reader that means a broken file.
    """

    name: str
    signature: bytes
    endings: tuple[str, ...]
    holds: tuple[str, ...]
    samples: tuple[str, ...] = ("uint8", "uint16")
    colours: tuple[str, ...] = ()
    holds_alpha: bool = True
    holds_grey: bool = True
    holds_pages: bool = False
    holds_few_bits: bool = False
    has_quality: bool = False
    has_lossless: bool = False
    strictness: str = "error"

    def inspect(self, data: bytes) -> Contents:
        """Return what a file holds, or raise :class:`Broken`."""
        raise NotImplementedError

    def encode(self, pictures: list[Picture], coding: dict[str, Any], wanted: Wanted, stop: Stop) -> bytes:
        """Return a file of pictures, with their metadata."""
        raise NotImplementedError

    def shared(self, metadata: Metadata) -> Metadata:
        """Return metadata with what other formats can hold too in the terms that all share."""
        return metadata

    def moved(self, page: Page, backward: Map) -> Page:  # noqa: ARG002  (most have nothing to move)
        """Return what there is of a warped picture: what says where it is in the world says so again."""
        return page

    def nodata(self, page: Page) -> float | None:  # noqa: ARG002  (most have no such sample)
        """Return the sample that means there is no data, if there is one."""
        return None

    def as_other(self, page: Page) -> tuple[Page, list[str]]:
        """Return what another format gets of a page, and in words what it can never get."""
        metadata = self.shared(page.metadata)
        colours = [part.name for part in metadata.parts if part.changes_colours]
        if colours and metadata.icc is None:
            raise Refusal(f"only {self.name} holds {', '.join(colours)}, without which its colours look wrong")
        lost = [part.name for part in metadata.parts]
        return replace(page, metadata=replace(metadata, parts=[])), lost

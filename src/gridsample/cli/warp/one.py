"""One file: read, warped page by page, written."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gridsample.cli.parser import names
from gridsample.cli.pictures import FORMATS, files, libvips
from gridsample.cli.pictures.converting import converted
from gridsample.cli.pictures.format import Format, Wanted, check_size
from gridsample.cli.pictures.reading import read
from gridsample.cli.refusal import Refusal
from gridsample.cli.stopping import Stop
from gridsample.cli.warp.maps import plan
from gridsample.cli.warp.notes import notes
from gridsample.cli.warp.sampling import How, warped


@dataclass(frozen=True)
class Job:
    """What to read, and where to write it."""

    input: str
    output: str


def format_of_name(path: str) -> Format | None:
    """Return the format that a file name asks for, if it has one of our endings."""
    ending = Path(path).suffix.lower()
    return next((format for format in FORMATS if ending in format.endings), None)


def check_names(job: Job, options: argparse.Namespace) -> None:
    """Refuse, before anything is read, what the names alone tell will not do."""
    named = format_of_name(job.output)
    if job.output == files.PIPE or (options.out_dir and named is None):
        return
    if named is None and options.format is None:
        endings = ", ".join(ending for format in FORMATS for ending in format.endings)
        raise Refusal(f"the name of OUT must end in one of {endings}, or --format say what it is; got {job.output!r}")
    if named is not None and options.format not in (None, named):
        raise Refusal(
            f"--format {options.format.name.lower()} does not fit the ending of {job.output!r}, which is {named.name}'s"
        )


def run(job: Job, options: argparse.Namespace, stop: Stop, say: Callable[[str], None]) -> None:
    """Do a job; what it cannot keep is said before anything is written."""
    source, target = files.words(job.input, "input"), files.words(job.output, "output")
    with about(f"cannot write {target}"):
        check_names(job, options)
        files.check_target(job.output)
    with about(f"cannot read {source}"):
        document = read(files.content(job.input), options.page, stop)
    format = options.format or format_of_name(job.output) or document.format
    with about(f"cannot write {target}"), libvips.refusing():
        what = converted(document, format, flattened=options.background is not None)
        check_compression(format, options)
    lost = [*what.lost, *filter(None, [document.left_out])]
    if lost and files.same(job.input, job.output):
        raise Refusal(f"{source} would lose {names(lost, 'and')}; write to another file, which will not have it")
    plans = [plan(options, picture.size) for picture in what.pictures]
    for _, size in plans:
        check_size("the output", size)
    pictures = [
        replace(picture, page=format.moved(picture.page, backward))
        for picture, (backward, size) in zip(what.pictures, plans, strict=True)
    ]
    for note in notes(document, what, format, plans, options):
        say(f"{source}: {note}")
    how = How(options.mode, options.padding, options.align_corners, options.background)
    with about(f"cannot warp {source}"), libvips.refusing():
        results = [
            warped(picture, backward, size, how, format, stop)
            for picture, (backward, size) in zip(pictures, plans, strict=True)
        ]
    with about(f"cannot write {target}"):
        data = format.encode(results, what.coding, Wanted(options.quality, options.lossless), stop)
        files.write(job.output, data, stop)


@contextmanager
def about(what: str) -> Iterator[None]:
    """Put what a refusal is about in front of it."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(f"{what}: {refusal}") from None


def check_compression(format: Format, options: argparse.Namespace) -> None:
    """Refuse a compression that contradicts itself or the format."""
    if options.quality is not None and options.lossless:
        raise Refusal("--lossless has no quality; give --quality or --lossless, not both")
    if options.lossless and format.has_quality and not format.has_lossless:
        raise Refusal(f"{format.name} always loses something; write PNG, TIFF or WebP for --lossless")

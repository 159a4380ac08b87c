"""The README's table of speeds, taken from ``docs/benchmarks.md``: ``python -m bench.readme`` writes it anew."""

import re
from pathlib import Path

from bench.report import PAGE, ROOT, table

README = ROOT / "README.md"
MARKED = re.compile(r"(<!-- speed -->\n).*?(<!-- /speed -->)", re.DOTALL)
PEERS = ("torch", "OpenCV", "SciPy")
ROWS = {
    "bilinear, 1x3x1080x1350, rotated": "RGB image 1350×1080, bilinear",
    "nearest, 1x3x1080x1350, rotated": "RGB image 1350×1080, nearest",
    "bicubic, 1x3x1080x1350, rotated": "RGB image 1350×1080, bicubic",
    "bilinear, 1x64x250x260, rotated": "64 feature maps 260×250, bilinear",
    "trilinear, 1x1x128x128x128": "volume 128×128×128, trilinear",
    "backward, both, bilinear 1x3x1080x1350": "both gradients, RGB image, bilinear",
    "small call 1x3x16x16, NumPy": "tiny image 16×16, NumPy",
    "small call 1x3x16x16, tensors": "tiny image 16×16, tensors",
}
"""The cases shown, what is slow among them too, in words for readers who have not seen the benchmark."""


def speeds(page: str) -> str:
    """Return the table, and a sentence about the machine, from the text of the page."""
    lines = [re.split(r" *\| *", line.strip("| \n")) for line in _section(page, "Beside every library").splitlines()]
    header, *cases = [cells for cells in lines if len(cells) > 1 and not cells[0].startswith("---")]
    ratios = {cells[0]: dict(zip(header[1:], cells[1:], strict=True)) for cells in cases}
    rows = [[words, *(_shown(ratios.get(case, {}).get(peer, "-")) for peer in PEERS)] for case, words in ROWS.items()]
    facts = dict(re.findall(r"^- (\w[\w ]*): (.+)$", _section(page, "Machine and versions"), re.MULTILINE))
    versions = [part for part in facts["libraries"].split(", ") if part.rsplit(" ", 1)[0] in PEERS]
    machine = f"Measured on {facts['processor']}, with {', '.join(versions)}.\n"
    return table(["their time ÷ ours", *PEERS], rows) + "\n" + machine


def update(readme: Path = README, page: Path = PAGE) -> None:
    """Write the table into the README, between its marks."""
    new = speeds(page.read_text(encoding="utf-8"))
    text = readme.read_text(encoding="utf-8")
    readme.write_text(MARKED.sub(lambda found: found[1] + new + found[2], text), encoding="utf-8")


def _section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0]


def _shown(ratio: str) -> str:
    """Return a ratio with the sign for times; a dash, where a library has nothing comparable, stays one."""
    return ratio.replace("x", "×")


if __name__ == "__main__":
    update()

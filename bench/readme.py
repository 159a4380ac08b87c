"""The table of speeds in both READMEs, taken from ``docs/benchmarks.md``: ``python -m bench.readme`` writes it anew."""

import re
from collections.abc import Iterable
from pathlib import Path

from bench.report import PAGE, ROOT
from bench.tables import table

README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
MARKED = re.compile(r"(<!-- speed -->\n).*?(<!-- /speed -->)", re.DOTALL)
PEERS = ("torch", "OpenCV", "SciPy")
ROWS = {
    "bilinear, 1x3x1080x1350, rotated": ("RGB image 1350×1080, bilinear", "RGB 图像 1350×1080，双线性"),
    "nearest, 1x3x1080x1350, rotated": ("RGB image 1350×1080, nearest", "RGB 图像 1350×1080，最邻近"),
    "bicubic, 1x3x1080x1350, rotated": ("RGB image 1350×1080, bicubic", "RGB 图像 1350×1080，双三次"),
    "bilinear, 1x64x250x260, rotated": ("64 feature maps 260×250, bilinear", "64 个特征图 260×250，双线性"),
    "trilinear, 1x1x128x128x128": ("volume 128×128×128, trilinear", "体数据 128×128×128，三线性"),
    "backward, both, bilinear 1x3x1080x1350": (
        "both gradients, RGB image, bilinear",
        "图像与格网的梯度，RGB 图像，双线性",
    ),
    "small call 1x3x16x16, NumPy": ("tiny image 16×16, NumPy", "极小图像 16×16，NumPy"),
    "small call 1x3x16x16, tensors": ("tiny image 16×16, tensors", "极小图像 16×16，张量"),
}
"""The cases shown, slow ones too, in words for readers who have not seen the benchmark, in both languages."""
HEADING = "their time ÷ ours: {}", "对方用时 ÷ gridsample 用时：{}"
SETTING = "{}, {} thread{}", "{}，{} 个线程"
MEASURED = "Measured on {}, with {}.\n", "测量环境：{}；{}。\n"


def speeds(page: str, readme: Path = README) -> str:
    """Return the table, and a sentence about the machine, from the text of the page, in a README's language.

    Each cell has a figure for each setting that all libraries took part in: the narrowest instructions with one thread,
    which is what most programs get, and the widest with all threads.
    """
    language = int(readme.name == CHINESE.name)
    parts = re.split(r"^### (.+)\n", _section(page, "Beside every library"), flags=re.MULTILINE)[1:]
    found = {title: _ratios(part) for title, part in zip(parts[::2], parts[1::2], strict=True)}
    rows = [
        [
            words[language],
            *(_shown([each.get(case, {}).get(peer, "-") for each in found.values()]) for peer in PEERS),
        ]
        for case, words in ROWS.items()
    ]
    facts = dict(re.findall(r"^- (\w[\w ]*): (.+)$", _section(page, "Machine and versions"), re.MULTILINE))
    versions = [part for part in facts["libraries"].split(", ") if part.rsplit(" ", 1)[0] in PEERS]
    machine = MEASURED[language].format(facts["processor"], ", ".join(versions))
    heading = HEADING[language].format(" / ".join(_setting(title, language) for title in found))
    return table([heading, *PEERS], rows) + "\n" + machine


def update(readmes: Iterable[Path] = (README, CHINESE), page: Path = PAGE) -> None:
    """Write the table into each README, between its marks."""
    for readme in readmes:
        new = speeds(page.read_text(encoding="utf-8"), readme)
        text = readme.read_text(encoding="utf-8")
        written = MARKED.sub(lambda found, new=new: found[1] + new + found[2], text)
        readme.write_text(written, encoding="utf-8")


def _section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0]


def _ratios(part: str) -> dict[str, dict[str, str]]:
    """Return the ratios of a table, by case and by library."""
    lines = [re.split(r" *\| *", line.strip("| \n")) for line in part.splitlines() if line.startswith("|")]
    header, _, *cases = lines
    return {cells[0]: dict(zip(header[1:], cells[1:], strict=True)) for cells in cases}


def _setting(title: str, language: int) -> str:
    """Return what a setting is called in a language."""
    instructions, _, threads = title.rpartition(", ")
    count = threads.split(" ", maxsplit=1)[0]
    return SETTING[language].format(instructions, count, "" if count == "1" else "s")


def _shown(ratios: list[str]) -> str:
    """Return ratios with the sign for times; a dash, where a library has nothing comparable, stays one."""
    shown = [ratio.replace("x", "×").replace("\\*", "") for ratio in ratios]
    return "-" if set(shown) == {"-"} else " / ".join(shown)


if __name__ == "__main__":
    update()

"""What the figures say, in Chinese: the words of those that the Chinese pages show."""

import re
from pathlib import Path

from matplotlib.text import Text

PAGES = Path(__file__).parents[1] / "zh"
CHINESE = {
    r"\(−?1, −?1\)": None,  # None is what both languages write alike
    r"[xy]|p|g|[abcd]|[−0-9. /]*": None,
    r"g, (align_corners=\w+)": r"g，\1",
    r"(nearest)": r"\1（最邻近插值）",
    r"(bilinear)": r"\1（双线性插值）",
    r"(bicubic)": r"\1（双三次插值）",
    r"align_corners=\w+|zeros|border|mirror|symmetric|wrap": None,
    r"\w+\.(jpg|png)": None,
    r"(\w+\(-?[\d.]*\))": None,
    r"bicubic, Keys\(-0\.75\)": None,
    r"pixel (\d)": r"像素 \1",
    r"p, in pixels": "p（像素）",
    r"input, (\d x \d)": r"输入，\1",
    r"output, (\d x \d)": r"输出，\1",
    r"the place": "采样位置",
    r"position, in pixels": "像素位置",
    r"value": "值",
    r"x \(width\)": "x（宽）",
    r"y \(height\)": "y（高）",
    r"z \(depth\)": "z（深）",
    r"grid_sample reads": "grid_sample 读取",
    r"grid_splat adds": "grid_splat 累加",
    r"array": "数组",
    r"values at places": "采样位置上的值",
    r"pixels that a sample weighs, in two dimensions": "一次采样所用的像素数（二维）",
    r"error after ten rotations, % of white": "十次旋转后的误差（白色的百分比）",
}


def shown():
    """Return the names of the figures that the Chinese pages show."""
    pages = [page.read_text(encoding="utf-8") for page in PAGES.rglob("*.md")]
    return {name for page in pages for name in re.findall(r"images/drawn/zh/(\w+)\.png", page)}


def translate(figure):
    """Put Chinese in the place of a figure's English; what has no translation is a KeyError."""
    for text in figure.findobj(Text):
        if text.get_text():
            text.set_text(in_chinese(text.get_text()))


def in_chinese(text):
    """Return what a text of a figure is in Chinese."""
    for english, chinese in CHINESE.items():
        if found := re.fullmatch(english, text):
            return text if chinese is None else found.expand(chinese)
    raise KeyError(text)

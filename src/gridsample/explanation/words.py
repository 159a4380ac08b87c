"""What tables and pictures say, in English and in Chinese."""

from typing import Literal, TypeAlias, get_args

from gridsample.definitions.boundaries import Boundary
from gridsample.definitions.kernel import Kernel
from gridsample.spec import one_of

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

TEXTS: dict[str, tuple[str, str]] = {
    # tables
    "at": ("output point {index} reads at {place}", "输出点 {index}，采样位置 {place}"),
    "axis": ("axis", "轴"),
    "pixels": ("pixels", "像素数"),
    "kernel": ("kernel", "插值核"),
    "boundary": ("boundary", "填充模式"),
    "coordinate": ("coordinate", "格网坐标"),
    "position": ("position", "像素位置"),
    "folded": ("folded", "折回后"),
    "distance": ("distance t", "距离 t"),
    "tap": ("tap [{axes}]", "邻点 [{axes}]"),
    "where": ("lies", "所在"),
    "inside": ("inside", "数组内"),
    "outside": ("outside", "数组外"),
    "read": ("reads", "读取"),
    "nothing": ("nothing", "无"),
    "fill value": ("fill value", "填充值"),
    "axis weight": ("weight {axis}", "{axis} 权重"),
    "weight": ("weight", "总权重"),
    "value": ("value", "值"),
    "coefficient": ("coefficient", "系数"),
    "of channel": ("{what} {channel}", "{what} {channel}"),
    "product": ("weight × value", "权重 × 值"),
    "sum": ("sum", "合计"),
    "result": ("result", "结果"),
    "more taps": (
        "{count} taps of small weight are not shown; .taps has all of them",
        "另有 {count} 个权重较小的邻点未列出；全部见 .taps",
    ),
    "more channels": (
        "{count} more channels are not shown; .taps and .result have all of them",
        "另有 {count} 个通道未列出；全部见 .taps 与 .result",
    ),
    # sentences
    "undefined": (
        "{axis} = {position} has no place under {boundary}: no pixel is read.",
        "{axis} = {position} 在 {boundary} 下没有对应的位置：不读取任何像素。",
    ),
    "edge": (
        "{axis} is NaN, for which -1 is taken: position {position}.",
        "{axis} 为 NaN，按 -1 处理：像素位置 {position}。",
    ),
    "lies beyond": ("{axis} = {position} lies outside.", "{axis} = {position} 位于数组之外。"),
    "beyond is filled": (
        "There samples are the fill value {fill}, by outside='{outside}'.",
        "该处的采样值为填充值 {fill}（outside='{outside}'）。",
    ),
    "undefined is filled": (
        "There samples are the fill value {fill}, by nan_places='fill'.",
        "该处的采样值为填充值 {fill}（nan_places='fill'）。",
    ),
    "filled taps": (
        "{count} of {all} taps lie outside and have the fill value {fill}; their weights sum to {sum}.",
        "{all} 个邻点中有 {count} 个位于数组之外，取填充值 {fill}；其权重之和为 {sum}。",
    ),
    "is folded": (
        "{boundary} folds {axis} = {position} to {folded}.",
        "{boundary} 将 {axis} = {position} 折回到 {folded}。",
    ),
    "is far": (
        "{axis} = {position} lies far outside: under {boundary} nothing changes beyond {folded}.",
        "{axis} = {position} 远在数组之外：在 {boundary} 下，超过 {folded} 后不再变化。",
    ),
    "pixels, perhaps": (
        "If these coordinates are pixels, pass coords='pixel': here -1 and 1 are the ends of an axis.",
        "若这些坐标以像素为单位，请使用 coords='pixel'：此处 -1 与 1 为轴的两端。",
    ),
    "is reduced": (
        "{axis} = {position} has the neighbours of {folded} under {boundary}.",
        "在 {boundary} 下，{axis} = {position} 与 {folded} 的邻点相同。",
    ),
    "left out": (
        "{count} of {all} taps lie where there is nothing and count 0; the weights that are left sum to {sum}.",
        "{all} 个邻点中有 {count} 个处没有像素，按 0 计；其余权重之和为 {sum}。",
    ),
    "moved": (
        "{count} of {all} taps lie outside and read the pixels that the boundary has there.",
        "{all} 个邻点中有 {count} 个位于数组之外，读取填充模式在该处给出的像素。",
    ),
    "filtered": (
        "A B-spline weighs coefficients, which a filter makes of the whole array; so these are not its values.",
        "B 样条加权的是系数，由预滤波器从整个数组求得；因此所列不是数组本身的值。",
    ),
    "derived": (
        "Weights are derivatives by the grid's coordinates, of order {orders}.",
        "权重为对格网坐标的导数，阶数为 {orders}。",
    ),
    "rounded": ("{dtype} holds whole numbers: the sum is rounded.", "{dtype} 只能表示整数：求和后取整。"),
    # pictures
    "point": ("position", "采样位置"),
    "folded point": ("folded position", "折回后的位置"),
    "from": ("from {place}", "来自 {place}"),
    "positive": ("weight above 0", "权重为正"),
    "negative": ("weight below 0", "权重为负"),
    "reads nothing": ("reads nothing", "无像素可读"),
    "outside the array": ("outside the array", "数组外"),
    "is filled": ("fill value: {fill}", "填充值：{fill}"),
    "no place": ("NaN: no place", "NaN：没有对应的位置"),
    "pixel position": ("{axis}, in pixels", "{axis}（像素）"),
    "distance in pixels": ("distance from the pixel, in pixels", "到像素的距离（像素）"),
    "weight of a pixel": ("weight of the pixel", "像素的权重"),
    "frequency": ("frequency, in cycles per pixel", "频率（周期/像素）"),
    "gain": ("part that is kept", "增益"),
    "impulse response": ("weights", "权重曲线"),
    "frequency response": ("frequency response", "频率响应"),
    "ideal": ("ideal", "理想低通"),
    "no filter": (", without its filter", "（不做预滤波）"),
    "array": ("the array's pixels", "数组内的像素"),
    "beyond": ("what the boundary makes of it", "填充模式给出的像素"),
    "samples": ("samples: {kernel}", "采样值：{kernel}"),
    "a value": ("value", "值"),
    "mesh": ("The grid's lines in the input: every {step} points", "格网线在输入图像中的位置（每 {step} 个点一条）"),
    "every mesh": ("The grid's lines in the input", "格网线在输入图像中的位置"),
}

AXES_TITLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "nearest": (("nearest neighbour",), ("最邻近插值",)),
    "linear": (("linear", "bilinear", "trilinear"), ("线性插值", "双线性插值", "三线性插值")),
    "keys": (("cubic", "bicubic", "tricubic"), ("三次卷积插值", "双三次插值", "三维三次插值")),
    "lanczos": (("Lanczos, a = {}",), ("Lanczos 插值，a = {}",)),
    "mitchell": (("Mitchell",), ("Mitchell 滤波",)),
    "bspline": (("B-spline of order {}",), ("{} 次 B 样条插值",)),
}
"""What kernels are called in one, two and three dimensions, or in all; some with their first parameter."""

BOUNDARY_TITLES: dict[str, tuple[str, str]] = {
    "zeros": ("zeros", "零填充"),
    "fill": ("fill", "常数填充"),
    "border": ("border", "边缘复制"),
    "mirror": ("mirror", "镜像（以边缘像素中心为轴）"),
    "symmetric": ("symmetric", "对称（以边缘像素外缘为轴）"),
    "wrap": ("wrap", "循环填充"),
}


def check_language(language: object) -> None:
    """Refuse a language that is not spoken."""
    one_of("language", language, LANGUAGES)


def say(key: str, language: Language, **parts: object) -> str:
    """Return a text with its parts."""
    return TEXTS[key][LANGUAGES.index(language)].format(**parts)


def kernel_title(kernel: Kernel, axes: int, language: Language) -> str:
    """Return what a kernel is called in so many dimensions, with its parameters where these are not the usual ones."""
    name = kernel.names[0] if kernel.names else ""
    if name not in AXES_TITLES:
        return str(kernel)
    titles = AXES_TITLES[name][LANGUAGES.index(language)]
    title = titles[min(axes, len(titles)) - 1].format(*map("{:g}".format, kernel.parameters))
    if "{" in titles[0]:
        return title + (say("no filter", language) if kernel.parameters[1:] == (0.0,) else "")
    return title if kernel == type(kernel)() else f"{title} ({', '.join(f'{n:.4g}' for n in kernel.parameters)})"


def boundary_title(boundary: Boundary, language: Language) -> str:
    """Return what a boundary is called, its name in the code first."""
    name = str(boundary)
    title = BOUNDARY_TITLES.get(name, (name, name))[LANGUAGES.index(language)]
    return name if title == name else f"{name} {title}"

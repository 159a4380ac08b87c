"""The figures of the pages: each function of the modules beside this one that is marked is one picture.

python docs/figures/draw.py FOLDER
"""

import importlib
import sys
from pathlib import Path

import chinese
import matplotlib as mpl
import matplotlib.pyplot as plt

from gridsample.explanation.drawing import speaking

HERE = Path(__file__).parent
STYLE = {
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "savefig.dpi": 120,
    "savefig.facecolor": "white",
}


def figures():
    """Return the functions that draw, by the name of their picture."""
    paths = [path for path in sorted(HERE.glob("*.py")) if path.stem not in ("draw", "chinese")]
    modules = [importlib.import_module(path.stem) for path in paths]
    return {name: function for module in modules for name, function in module.FIGURES.items()}


def all_figures(folder):
    """Draw every figure into a folder, and those of the Chinese pages into ``zh`` in it; in English without a font."""
    drawn = figures()
    with mpl.rc_context(STYLE), plt.ioff():
        backend = mpl.get_backend()
        plt.switch_backend("agg")
        draw(drawn, folder)
        with speaking("zh") as language:
            wanted = {name: drawn[name] for name in sorted(chinese.shown())}
            draw(wanted, folder / "zh", chinese.translate if language == "zh" else None)
        plt.switch_backend(backend)


def draw(functions, folder, change=None):
    """Draw figures into a folder, and change each before it is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, function in functions.items():
        figure = function()
        if change:
            change(figure)
        figure.savefig(folder / f"{name}.png", bbox_inches="tight")
        plt.close(figure)


if __name__ == "__main__":
    all_figures(Path(sys.argv[1]))

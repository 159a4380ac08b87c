"""The figures of the pages: each function of the modules beside this one that is marked is one picture.

python docs/figures/draw.py FOLDER
"""

import importlib
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

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
    modules = [importlib.import_module(path.stem) for path in sorted(HERE.glob("*.py")) if path.stem != "draw"]
    return {name: function for module in modules for name, function in module.FIGURES.items()}


def all_figures(folder):
    """Draw every figure into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE), plt.ioff():
        backend = mpl.get_backend()
        plt.switch_backend("agg")
        for name, function in figures().items():
            figure = function()
            figure.savefig(folder / f"{name}.png", bbox_inches="tight")
            plt.close(figure)
        plt.switch_backend(backend)


if __name__ == "__main__":
    sys.path[:0] = [str(HERE)]
    all_figures(Path(sys.argv[1]))

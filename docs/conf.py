"""How the site is made: ``make docs`` runs Sphinx over this folder, with every warning an error."""

import re
import sys
from pathlib import Path

from sphinx_gallery.sorting import ExplicitOrder

import gridsample

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS / "figures"), str(DOCS)]

import draw  # noqa: E402  (from docs/figures)

project = "gridsample"
author = "The gridsample developers"
copyright = "the gridsample developers"
version = release = gridsample.__version__

extensions = [
    "languages",  # from docs
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "gallery/**/*.ipynb"]
root_doc = "index"
highlight_language = "none"  # what is not said to be Python is formulas and pictures

# Every name that is referred to must have a page, but those of other projects: their indexes are on the network.
nitpicky = True
nitpick_ignore = [("py:obj", "taps")]  # an attribute on Kernel's own page
nitpick_ignore_regex = [("py:.*", r"(torch|numpy|matplotlib|collections)\b.*")]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

autosummary_generate = True
autodoc_typehints = "none"  # types are said in words; overloads are for type checkers
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# Docstrings must be complete, but for these: parameters that several functions share are described once, together
# (PR03, PR04); longer summaries and See Also are there where they help (ES01, SA01, SA03); a context manager (YD01).
numpydoc_validation_checks = {"all", "ES01", "PR03", "PR04", "SA01", "SA03", "YD01"}
numpydoc_validation_exclude = {r"\.(Boundary|Explanation)$"}  # records: their parameters are their attributes

sphinx_gallery_conf = {
    "examples_dirs": "../examples/gallery",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": ExplicitOrder(
        [
            "stereo.py",
            "panorama.py",
            "lens.py",
            "registration.py",
            "volume_registration.py",
            "spatial_transformer.py",
            "super_resolution.py",
            "time_series.py",
        ]
    ),
    "backreferences_dir": "reference/backreferences",
    "doc_module": ("gridsample",),
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,  # a page that fetches its scripts from another host
    "image_srcset": ["2x"],
    "thumbnail_size": (480, 320),
}
suppress_warnings = ["config.cache"]  # the gallery's order is an object, which Sphinx cannot keep between builds

html_theme = "pydata_sphinx_theme"
html_title = "gridsample"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "gridsample"},
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "navbar_align": "left",
    "navbar_center": ["header.html"],
    "navbar_end": ["language.html", "theme-switcher"],
    "header_links_before_dropdown": 7,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
}
ALONE = ("index", "start", "troubleshooting", "changelog", "zh/index", "zh/start")
html_sidebars = {page: [] for page in ALONE}


def draw_figures(*_):
    """Draw the pages' figures before the pages are read."""
    draw.all_figures(DOCS / "images" / "drawn")


def escape_shapes(*arguments):
    """Keep the star of a shape such as (N, C, *size) from being read as emphasis."""
    lines = arguments[-1]
    lines[:] = [line if ">>>" in line else re.sub(r"(?<=[( ])\*(?=(size|out)\b)", r"\\*", line) for line in lines]


def setup(app):
    """Connect both."""
    app.connect("builder-inited", draw_figures)
    app.connect("autodoc-process-docstring", escape_shapes, priority=1000)  # after numpydoc

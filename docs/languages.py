"""A site in two languages, as an extension of Sphinx: the Chinese pages are those in ``zh``, beside the English ones.

Each page links to itself in the other language, if it is there, else to that language's first page; Chinese pages have
a header and buttons in Chinese. One index serves the search in both. Sphinx's own Chinese search cuts pages into words
by a dictionary, jieba, but not what a reader types; here both are cut into pairs of characters.
"""

import functools
import gettext
import re
from itertools import pairwise
from pathlib import Path

import pydata_sphinx_theme
from sphinx.search.en import SearchEnglish

FOLDER = "zh/"
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORDS = {  # of buttons: those that the theme does not translate, or not well
    "previous": "上一页",
    "next": "下一页",
    "previous page": "上一页",
    "next page": "下一页",
    "Section Navigation": "本部分目录",
    "On this page": "本页目录",
    "Collapse Sidebar": "收起侧栏",
    "Expand Sidebar": "展开侧栏",
}
RUNS = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")
# As split does, but of a single character only where it stands alone: pairs tell more.
SPLIT_QUERY = r"""
var splitQuery = (query) =>
  (query.match(/[HAN]+|(?:(?![HAN])[\p{Letter}\p{Number}_])+/gu) || []).flatMap((run) =>
    /[HAN]/.test(run) && run.length > 1
      ? Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2))
      : [run],
  );
""".replace("HAN", HAN)


class Search(SearchEnglish):
    """Search of English, stemmed, and of Chinese, by single characters and by pairs."""

    lang = "en"
    js_splitter_code = SPLIT_QUERY

    def split(self, input):
        """Return the words of a text."""
        words = []
        for run in RUNS.findall(input):
            chinese = re.match(rf"[{HAN}]", run)
            words += [*run, *map("".join, pairwise(run))] if chinese else [run]
        return words


def counterpart(page, pages):
    """Return the page (name) that says the same in the other language, or that language's first page."""
    other = page.removeprefix(FOLDER) if page.startswith(FOLDER) else FOLDER + page
    first = "index" if page.startswith(FOLDER) else FOLDER + "index"
    return other if other in pages else first


def speak(app, page, _template, context, _doctree):
    """Tell a page's template its language, and what it needs to speak it."""
    chinese = context["is_chinese"] = page.startswith(FOLDER)
    context["counterpart"] = counterpart(page, app.env.found_docs)
    _, before, after = app.builder.relations.get(page, (None, None, None))
    for side, neighbour in (("prev", before), ("next", after)):
        if neighbour and neighbour.startswith(FOLDER) != chinese:
            context[side] = None
    if chinese:
        entries = app.env.tocs[FOLDER + "index"].findall(lambda node: "includefiles" in node)
        names = [name for entry in entries for name in entry["includefiles"]]
        context["header"] = [(name, app.env.titles[name].astext()) for name in names]
        context["language"] = "zh-CN"
        context["root_doc"] = FOLDER + "index"
        context["_"] = lambda text: WORDS.get(text) or themes_words().gettext(text)


@functools.cache
def themes_words():
    """Return the theme's own translations."""
    return gettext.translation("sphinx", Path(pydata_sphinx_theme.__file__).parent / "locale", ["zh"])


def setup(app):
    """Add the search, and what templates are told."""
    app.add_search_language(Search)
    app.connect("html-page-context", speak, priority=100)  # before the theme tries its templates
    return {"parallel_read_safe": True, "parallel_write_safe": True}

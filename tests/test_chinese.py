"""The Chinese pages are in step with the English ones: the same sections, code, lists, tables, pictures and links."""

import ast
import doctest
import importlib
import os
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = ROOT / "docs", ROOT / "docs/zh"
PAGES = {page: ENGLISH / page.relative_to(CHINESE) for page in sorted(CHINESE.rglob("*.md"))}
PAGES[ROOT / "README.zh-CN.md"] = ROOT / "README.md"
TRANSLATED = ("start.md", "concept/*.md", "howto/*.md", "moving/torch.md")
FENCE = re.compile(r"^(```+)([\w{}-]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#+) .*$", re.MULTILINE)
TABLE = re.compile(r"(?:^\|.*\|\n)+", re.MULTILINE)
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
ROLE = re.compile(r"{(doc|func|class)}`([^`]+)`")
HAN = re.compile(r"[\u4e00-\u9fff]")
CELL = re.compile(r"(?<!\\)\|")


class WithoutDocstrings(ast.NodeTransformer):
    """Take the docstrings out of Python."""

    def generic_visit(self, node):
        """Drop a first statement that is a string."""
        if ast.get_docstring(node) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) else None:
            node.body = node.body[1:]
        return super().generic_visit(node)


def code(language, block):
    """Return a block of code without what may be told in another language: comments and docstrings."""
    if language == "python" and ">>>" in block:
        examples = doctest.DocTestParser().get_examples(block)
        return [(ast.unparse(ast.parse(example.source)), example.want) for example in examples]
    if language == "python":
        return ast.unparse(WithoutDocstrings().visit(ast.parse(block)))
    if language == "sh":
        return [re.sub(r"(^|\s+)#.*", "", line) for line in block.splitlines()]
    return block


def target(page, link):
    """Return where a link leads, as a path in the repository of the English page if the page linked to has both."""
    if re.match(r"https?:", link):
        return link
    path = os.path.normpath(page.parent / link)
    path = Path(path if Path(path).exists() or Path(path).suffix else path + ".md")
    return (PAGES.get(path, path)).as_posix().replace("/drawn/zh/", "/drawn/").replace("-zh.png", ".png")


def links(page, text):
    """Count what a text links to and shows."""
    found = Counter((mark, target(page, link)) for mark, link in LINK.findall(text) if not link.startswith("#"))
    for role, content in ROLE.findall(text):
        name = re.sub(r".*<(.*)>", r"\1", content).lstrip("~")
        found[role, target(page, name) if role == "doc" else name.removeprefix("gridsample.")] += 1
    return found


def tables(text):
    """Return the tables of a text: for each row, the code in each of its cells, in whatever order it is there."""
    return [
        [[sorted(re.findall(r"`[^`]+`", cell)) for cell in CELL.split(line)[1:-1]] for line in table.splitlines()]
        for table in TABLE.findall(re.sub(r"{\w+}`[^`]+`", "", text))
    ]


def sections(page):
    """Return what a page must have in common with the page in the other language, section by section."""
    text = page.read_text(encoding="utf-8")
    blocks = [(language, body) for _, language, body in FENCE.findall(text) if not language.startswith("{")]
    prose = FENCE.sub(lambda fence: "" if fence[2].startswith("{") else "<code>\n", text)
    blocks = iter(blocks)
    parts = re.split(r"(?=^#+ )", prose, flags=re.MULTILINE)
    return [
        {
            "level": len(heading[1]) if (heading := HEADING.match(part)) else 0,
            "code": [code(*next(blocks)) for _ in range(part.count("<code>"))],
            "tables": tables(part),
            "links": links(page, part),
            "items": len(re.findall(r"^(?:- |\d+\. |: )", part, re.MULTILINE)),
        }
        for part in parts
    ]


def test_every_page_is_there():
    english = {page for pattern in TRANSLATED for page in ENGLISH.glob(pattern)}
    assert english - set(PAGES.values()) == set()
    assert [page for page in PAGES.values() if not page.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_has_the_structure_of_the_english_one(page):
    chinese, english = sections(page), sections(PAGES[page])
    assert [part["level"] for part in chinese] == [part["level"] for part in english]
    for ours, theirs in zip(chinese, english, strict=True):
        assert ours == theirs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_chinese_pages_where_there_are_some(page):
    text = page.read_text(encoding="utf-8")
    paths = [link for mark, link in LINK.findall(text) if not mark and link != "README.md"]  # the other language's
    paths += [re.sub(r".*<(.*)>", r"\1", name) + ".md" for role, name in ROLE.findall(text) if role == "doc"]
    led = {Path(os.path.normpath(page.parent / path)) for path in paths}
    assert led & set(PAGES.values()) == set()


PLAIN = re.compile(r"all|and|any|arrays|array-API|device|integers|of|on|own|sample|tensors|to|too|yes|your")
NAME = re.compile(r"array-API|[A-Za-z]\w*|\d+")


def test_the_readmes_table_of_engines_names_the_same():
    english, chinese = (
        re.search(r"<!-- support -->\n(.*?)<!-- /support -->", page.read_text(encoding="utf-8"), re.DOTALL)[1]
        for page in (ROOT / "README.md", ROOT / "README.zh-CN.md")
    )
    for theirs, ours in zip(english.splitlines()[2:], chinese.splitlines()[2:], strict=True):
        names = [name for name in NAME.findall(theirs) if not PLAIN.fullmatch(name)]
        assert [name for name in NAME.findall(ours) if name != "API"] == names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_comments_and_headings_are_chinese(page):
    text = page.read_text(encoding="utf-8")
    prose = FENCE.sub("", text)
    names = {"gridsample", "mode", "padding_mode"}
    headings = [line.lstrip("# ") for line in re.findall(r"^#+ .*$", prose, re.MULTILINE)]
    assert [heading for heading in headings if not HAN.search(heading) and heading not in names] == []
    told = [comment for _, language, body in FENCE.findall(text) for comment in comments(language, body)]
    assert [comment for comment in told if re.search(r"[a-z]{3,} [a-z]{2,}", comment) and not HAN.search(comment)] == []


def comments(language, block):
    """Return the comments and docstrings of a block."""
    found = re.findall(r"(?:^|\s)# (.*)$", block, re.MULTILINE) if language in ("python", "sh") else []
    return found + re.findall(r'"""(.*?)"""', block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_lines_are_not_broken_within_chinese(page):
    """A break within a paragraph is shown as a space, which Chinese does not have between words."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert re.findall(r".*[\u4e00-\u9fff，。；：、）”]\n[\u4e00-\u9fff（“].*", prose) == []


def test_figures_have_chinese_words(monkeypatch):
    """Each text of a figure that is shown is translated, or is the same in both languages."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.syspath_prepend(ENGLISH / "figures")
    draw, chinese = importlib.import_module("draw"), importlib.import_module("chinese")
    drawn = draw.figures()
    with pyplot.rc_context({"backend": "agg"}):
        for name in sorted(chinese.shown()):
            figure = drawn[name]()
            chinese.translate(figure)
            pyplot.close(figure)
    with pytest.raises(KeyError, match="a new word"):
        chinese.in_chinese("a new word")


def test_search_cuts_chinese_into_pairs_and_characters(monkeypatch):
    pytest.importorskip("sphinx")
    pytest.importorskip("pydata_sphinx_theme")
    monkeypatch.syspath_prepend(ENGLISH)
    languages = importlib.import_module("languages")
    assert languages.Search({}).split("格网与grid_sample, e.g. 核") == [
        *("格", "网", "与", "格网", "网与"), "grid_sample", "e", "g", "核",
    ]  # fmt: skip
    pages = {"index", "start", "explain", "zh/index", "zh/start"}
    expected = {"start": "zh/start", "zh/start": "start", "explain": "zh/index", "zh/gone": "index"}
    assert {page: languages.counterpart(page, pages) for page in expected} == expected

"""A record as text: columns that line up in a terminal, also where Chinese characters take two places."""

import unicodedata

from gridsample.explanation.contents import Cell, Contents, Kind, Table, contents
from gridsample.explanation.record import Explanation
from gridsample.explanation.words import Language

GAP = "  "
RESET, BOLD, DIM, BLUE, RED = "\033[0m", "\033[1m", "\033[2m", "\033[34m", "\033[31m"


def text(record: Explanation, language: Language, colours: bool) -> str:
    """Return everything as text; ``colours`` adds those of a terminal."""
    told = contents(record, language)
    return "\n\n".join(parts_of(told, colours))


def parts_of(told: Contents, colours: bool) -> list[str]:
    """Return the parts that blank lines separate."""
    result = GAP.join(coloured(cell.text, cell.kind, 0.0, colours) for cell in told.result)
    return [
        f"{coloured(told.title, 'heading', 0.0, colours)}\n{told.call}",
        *(lines_of(table, colours) for table in (told.steps, told.taps) if table is not None),
        "\n".join([result, *told.notes]),
    ]


def lines_of(table: Table, colours: bool) -> str:
    """Return a table whose columns line up, numbers to the right."""
    rows = [table.headings, *table.rows]
    widths = [max(width_of(row[i].text) for row in rows) for i in range(len(table.headings))]
    lines = []
    for row in rows:
        columns = zip(row, table.headings, widths, strict=True)
        lines.append(GAP.join(padded(cell, head, width, colours) for cell, head, width in columns).rstrip())
    return "\n".join(lines)


def padded(cell: Cell, head: Cell, width: int, colours: bool) -> str:
    """Return a cell's text as wide as its column, which its heading aligns."""
    blank = " " * (width - width_of(cell.text))
    shown = coloured(cell.text, cell.kind, cell.share, colours)
    return f"{blank}{shown}" if head.kind == "number" else f"{shown}{blank}"


def width_of(text: str) -> int:
    """Return how many places of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def coloured(text: str, kind: Kind, share: float, colours: bool) -> str:
    """Return a text in the colour of its kind."""
    code = {"heading": BOLD, "sum": BOLD, "outside": DIM, "weight": RED if share < 0 else BLUE}.get(kind, "")
    return f"{code}{text}{RESET}" if colours and code and text else text

"""A record as HTML: two tables without scripts, in the colours of the page around them."""

from html import escape

from gridsample.explanation.contents import Cell, Table, contents
from gridsample.explanation.record import Explanation
from gridsample.explanation.words import Language

POSITIVE, NEGATIVE = "58, 134, 255", "230, 57, 70"  # shades that show on light and on dark


def html(record: Explanation, language: Language) -> str:
    """Return everything as one element."""
    told = contents(record, language)
    label, result = told.result
    tables = [tabular(table) for table in (told.steps, told.taps) if table is not None]
    return "\n".join(
        [
            f'<div class="gridsample-explanation" lang="{language}">',
            f"<p><strong>{escape(told.title)}</strong><br/><code>{escape(told.call)}</code></p>",
            *tables,
            f"<p><strong>{escape(label.text)} {escape(result.text)}</strong></p>",
            *(f"<p>{escape(note)}</p>" for note in told.notes),
            "</div>",
        ]
    )


def tabular(table: Table) -> str:
    """Return a table."""
    head = "".join(f'<th scope="col" style="{alignment(cell)}">{escape(cell.text)}</th>' for cell in table.headings)
    rows = "\n".join(
        f"<tr>{''.join(element(cell, above) for cell, above in zip(row, table.headings, strict=True))}</tr>"
        for row in table.rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def element(cell: Cell, above: Cell) -> str:
    """Return a cell: what is left out is dim, and a weight has a shade as strong as it is large."""
    style = alignment(above)
    if cell.kind == "outside":
        style += "; opacity: 0.55"
    if cell.kind == "weight":
        colour = NEGATIVE if cell.share < 0 else POSITIVE
        style += f"; background-color: rgba({colour}, {0.5 * abs(cell.share):.2f})"
    if cell.kind == "heading":
        return f'<th scope="row" style="{style}">{escape(cell.text)}</th>'
    inner = escape(cell.text)
    return f'<td style="{style}">{f"<strong>{inner}</strong>" if cell.kind == "sum" else inner}</td>'


def alignment(above: Cell) -> str:
    """Return how a column is aligned."""
    return f"text-align: {'right' if above.kind == 'number' else 'left'}"

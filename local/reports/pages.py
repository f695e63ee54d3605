"""A report as one HTML file: nothing is loaded from elsewhere, and it can be mailed."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from local.reports.files import swap_in
from local.reports.objectives import Objective

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; background: #fff; max-width: 1060px; margin: 2rem auto;
  padding: 0 1rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; margin: .4rem 0; font-size: 14px; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid #d6dde5; } th { text-align: left; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.pass { color: #11713a; font-weight: 600; } .fail { color: #b3261e; font-weight: 600; } .not { color: #805b00; }
svg { width: 100%; height: auto; margin: .3rem 0 1rem; } svg text { font: 11px system-ui, sans-serif; fill: #48566a; }
.good { fill: #4c8dd6; } .bad { fill: #d6473c; } .axis { stroke: #9aa7b6; } line.mark { stroke: #9aa7b6;
  stroke-dasharray: 3 3; } polyline { fill: none; stroke-width: 1.5; } .slowest { stroke: #e3a23a; }
.median { stroke: #4c8dd6; } details { margin: .5rem 0; } summary { cursor: pointer; }
"""


def write_page(text: str, path: Path) -> None:
    """Write a report for people."""
    swap_in(text, path)


def document(title: str, parts: Iterable[str]) -> str:
    """Return a whole page of parts in HTML, without the empty ones."""
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def objectives_table(objectives: Iterable[Objective]) -> str:
    """Return what was promised and what became of it."""
    rows = [
        [one.identifier, one.promise, one.measured, f'<span class="{one.verdict.split()[0]}">{one.verdict}</span>']
        for one in objectives
    ]
    safe = [[*map(escape, row[:3]), row[3]] for row in rows]
    return table(("", "promised", "measured", "verdict"), safe, numbers_from=9)


def table(heads: Iterable[str], rows: Iterable[Sequence[str]], *, numbers_from: int) -> str:
    """Return a table; cells are HTML, and numbers stand to the right from a column on."""

    def row(cells: Iterable[str], kind: str) -> str:
        inner = "".join(
            f'<{kind} class="n">{cell}</{kind}>' if place >= numbers_from else f"<{kind}>{cell}</{kind}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    body = "".join(row(cells, "td") for cells in rows)
    return f'<div class="table"><table>{row(heads, "th")}{body}</table></div>'

"""Writes Markdown tables."""

from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> str:
    """Return a table, with a line break behind its last row.

    Args:
        heads: The heads of its columns.
        rows: Their texts; a bar in one is escaped, and a line break becomes a blank.
        right: How many of the last columns hold numbers, which stand on the right.
    """
    rules = ["---"] * (len(heads) - right) + ["---:"] * right
    lines = ["|".join(["", *(f" {head} " for head in heads), ""]), f"|{'|'.join(rules)}|", *map(_line, rows)]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '\\|') for cell in cells)} |"

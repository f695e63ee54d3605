"""Who may do what, to what, on which condition, and why: one row for every statement of every policy in a template."""

from collections.abc import Iterator

from generators.permission_rows import WITHOUT_SID, Row, rows_of
from tests.templates import transformed

__all__ = ["WITHOUT_SID", "Row"]


def rows(stack: str) -> Iterator[Row]:
    """Yield a row for every statement in a stack."""
    return rows_of(stack, transformed(stack))


def written(stack: str) -> str:
    """Return the rows of a stack as the text that tests/golden/permissions holds."""
    lines: list[str] = []
    for row in rows(stack):
        heading = row.where.partition(".")[2]
        if heading not in lines:
            lines += ["", heading] if lines else [heading]
        lines.append(f"  {row.sid or f'({row.reason})'}")
        parts = {"who": (row.who,) if row.who else (), "on": row.resources, "if": row.conditions}
        lines.append(f"    {row.effect.lower():6} {', '.join(row.actions)}")
        lines += [f"    {name:6} {value}" for name, values in parts.items() for value in values]
    return "\n".join([*lines, ""])

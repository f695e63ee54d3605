"""Makes the tables of docs/security.md about permissions: who may do what, to what, on which condition, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from generators import templates
from generators.markdown import table
from generators.permission_rows import Row, rows_of
from generators.pieces import Piece, Region

PATH = "docs/security.md"
EVERY_FUNCTION = "permissions of every function"
ROLES = "permissions of each role"
RESOURCES = "permissions on resources"

_ROLE = "FunctionRole"
_HEADS = ("action", "resource", "condition", "reason")


def generate(root: Path) -> Iterable[Piece]:
    """Return the three tables: what every function may, what each role may beyond, and whom resources let in."""
    rows = [row for name in templates.template_paths(root) for row in rows_of(name, templates.transformed(root, name))]
    of_roles = [row for row in rows if role_of(row)]
    shared = shared_rows(of_roles)
    yield _region(EVERY_FUNCTION, ["", table(_HEADS, (_cells(row) for row in shared))])
    yield _region(ROLES, _by_role([row for row in of_roles if _generic(row) not in shared]))
    yield _region(RESOURCES, ["", _of_resources(row for row in rows if not role_of(row))])


def role_of(row: Row) -> str:
    """Return the logical id of the role that a row is about, empty where it is about a resource's policy."""
    logical_id = row.where.partition(".")[2]
    return logical_id if logical_id.endswith("Role") else ""


def shared_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that every function's role has, with `…` for the function's name.

    Args:
        rows: The rows of all roles.
    """
    functions = {role_of(row) for row in rows if role_of(row).endswith(_ROLE)}
    counted = Counter(row for row in map(_generic, rows) if row.where.endswith(_ROLE))
    return [row for row, count in counted.items() if count == len(functions)]


def _generic(row: Row) -> Row:
    """Return the row as it would be of any function."""
    stem = role_of(row).removesuffix(_ROLE)
    named = tuple(resource.replace(f"${{{stem}", "${…") for resource in row.resources)
    return Row(f"….…{_ROLE}", row.sid, row.effect, row.who, row.actions, named, row.conditions)


def _by_role(rows: Sequence[Row]) -> Iterator[str]:
    for role in dict.fromkeys(role_of(row) for row in rows):
        yield from ("", f"**{role}**", "")
        yield table(_HEADS, (_cells(row) for row in rows if role_of(row) == role)).rstrip()
    yield ""


def _of_resources(rows: Iterable[Row]) -> str:
    heads = ("policy of", "effect, who", *_HEADS[:1], *_HEADS[2:])
    return table(heads, ((f"{_code([row.where])}", _who(row), *_cells(row)[:1], *_cells(row)[2:]) for row in rows))


def _who(row: Row) -> str:
    return f"{row.effect.lower()} {_code([row.who])}"


def _cells(row: Row) -> tuple[str, str, str, str]:
    actions = f"{'deny ' if row.effect == 'Deny' and role_of(row) else ''}{_code(row.actions)}"
    if row.who and role_of(row):
        actions += f", by {_code([row.who])}"
    return actions, _code(row.resources), _code(row.conditions), row.reason


def _code(texts: Iterable[str]) -> str:
    return "<br>".join(f"`{text}`" for text in texts)


def _region(name: str, lines: Iterable[str]) -> Region:
    return Region(PATH, name, tuple(line for text in lines for line in text.split("\n")))

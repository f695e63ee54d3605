"""Shows changes to people: a table a stack."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.table import Table

from deployment.changes import Action, Change, Replacement
from deployment.refusals import Refusal, kind_of

_ACTIONS = {
    Action.ADD: "add",
    Action.REMOVE: "remove",
    Action.IMPORT: "take over",
    Action.DYNAMIC: "cannot be told",
    Action.SYNC: "record",
}
_REPLACEMENTS = {Replacement.NO: "modify", Replacement.POSSIBLE: "modify, perhaps replace", Replacement.YES: "replace"}
_LONGEST_LIST = 4


def verb(change: Change, *, cleared: bool = False) -> str:
    """Return what happens in a word or two.

    Args:
        change: The change.
        cleared: Whether it is known that the resource stays the one it is, whatever CloudFormation supposes.
    """
    if change.action is Action.MODIFY:
        return "modify" if cleared else _REPLACEMENTS[change.replacement]
    return _ACTIONS[change.action]


def tables(root: str, changes: Iterable[Change], refusals: Sequence[Refusal]) -> Iterator[Table]:
    """Yield a table for each stack that changes, the root first.

    Args:
        root: The root stack's name.
        changes: Every change.
        refusals: What is refused: a guarded resource that is not among them is updated in place.
    """
    refused = {refusal.name for refusal in refusals}
    ordered = sorted(changes, key=lambda change: (change.stack, change.logical_id))
    for stack, inside in groupby(ordered, key=lambda change: change.stack):
        table = Table(title="/".join((root, *stack)), title_justify="left", show_edge=False)
        for heading in ("", "resource", "type", "because of"):
            table.add_column(heading, overflow="fold")
        for change in inside:
            cleared = bool(kind_of(change.resource_type)) and change.name not in refused
            table.add_row(verb(change, cleared=cleared), change.logical_id, change.resource_type, _because(change))
        yield table


def count(changes: Iterable[Change]) -> str:
    """Return how many changes of each kind there are, in words."""
    found: dict[str, int] = {}
    for change in changes:
        found[verb(change)] = found.get(verb(change), 0) + 1
    return ", ".join(f"{number} to {what}" for what, number in sorted(found.items())) or "nothing to change"


def _because(change: Change) -> str:
    names = list(dict.fromkeys(cause.property for cause in change.causes if cause.property))
    more = f" and {len(names) - _LONGEST_LIST} more" if len(names) > _LONGEST_LIST else ""
    return ", ".join(names[:_LONGEST_LIST]) + more

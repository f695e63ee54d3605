"""Reads generators/tables/controls.yaml and makes the tables of docs/security.md about controls and exceptions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from generators.errors import TableError
from generators.fields import Fields
from generators.markdown import table
from generators.pieces import Piece, Region

PATH = "docs/security.md"
TABLE = "generators/tables/controls.yaml"
ANYTHING = object()
"""The value of a property that only has to be there."""

_PARAMETER = "parameter."


@dataclass(frozen=True, slots=True)
class Property:
    """What has to be in the transformed templates.

    Args:
        of: A type of resources, a resource as `stack.LogicalId`, or `parameter.Name`.
        at: The way to it within the resource's properties; of a parameter to its default.
        value: What it is, or ANYTHING.
    """

    of: str
    at: tuple[str, ...]
    value: object

    @property
    def parameter(self) -> str:
        """The name of the parameter of the root template that it is about; empty for a resource."""
        return self.of.removeprefix(_PARAMETER) if self.of.startswith(_PARAMETER) else ""

    def __str__(self) -> str:
        """As the document shows it."""
        if self.parameter:
            return f"`{self.parameter}={self.value}` by default"
        value = "" if self.value is ANYTHING else f": {_short(self.value)}"
        return f"`{'.'.join(self.at)}{value}` of `{self.of}`"


@dataclass(frozen=True, slots=True)
class Control:
    """One control that is met.

    Args:
        name: Its name, or several, with commas.
        what: What is the case.
        because: What has to be said besides; may be empty.
        holds: The properties that meet it.
        proof: A test below tests/, or a command.
    """

    name: str
    what: str
    because: str
    holds: tuple[Property, ...]
    proof: str


def load_controls(root: Path) -> tuple[Control, ...]:
    """Return the controls that are met.

    Raises:
        TableError: the table is wrong.
    """
    return tuple(_control(row) for row in Fields.read(root, TABLE).parts("controls", "control"))


def generate(root: Path) -> Iterable[Piece]:
    """Return the regions.

    Raises:
        TableError: the table is wrong.
    """
    whole = Fields.read(root, TABLE)
    met = [
        (
            control.name,
            _with(control.what, control.because),
            "<br>".join(map(str, control.holds)),
            _proof(control.proof),
        )
        for control in load_controls(root)
    ]
    yield _region("controls", ("control", "what", "property", "proof"), met)
    yield _region(
        "exceptions", ("control", "what", "reason"), _texts(whole, "exceptions", "control", "what", "because")
    )
    yield _region("other controls", ("controls", "why not"), _texts(whole, "elsewhere", "controls", "because"))


def _control(row: Fields) -> Control:
    row.only(("control", "what", "because", "holds", "proof"))
    holds = tuple(_property(part) for part in row.parts("holds", "of"))
    if not holds:
        raise row.wrong("holds", "at least one property")
    texts = (row.text("control"), row.text("what"), row.text("because", ""))
    return Control(*texts, holds, row.text("proof", pattern=r"make [a-z-]+|(unit|integration|e2e)/\S+\.py::test_\w+"))


def _property(row: Fields) -> Property:
    row.only(("of", "at", "is"))
    of = row.text("of")
    at = ("Default",) if of.startswith(_PARAMETER) else tuple(row.text("at").split("/"))
    if of.startswith(_PARAMETER) and "is" not in row:
        raise TableError(f"{row.where}: is is missing; say the default")
    return Property(of, at, row.values.get("is", ANYTHING))


def _texts(whole: Fields, name: str, label: str, *columns: str) -> Iterator[tuple[str, ...]]:
    for row in whole.parts(name, label):
        row.only((label, *columns))
        yield tuple(row.text(column) for column in (label, *(each for each in columns if each != label)))


def _with(what: str, because: str) -> str:
    return f"{what}: {because}" if because else what


def _proof(proof: str) -> str:
    """Return a link to the test, or the command."""
    path, separator, test = proof.partition("::")
    return f"[{test.removeprefix('test_').replace('_', ' ')}](../tests/{path})" if separator else f"`{proof}`"


def _short(value: object) -> str:
    """Return a value in one line: `${Name}` for what is filled in."""
    match value:
        case {"Ref": name}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": parts} if isinstance(parts, list):
            return f"${{{'.'.join(map(str, parts))}}}"
        case {"Fn::Split": [_, of]}:
            return _short(of)
        case bool():
            return str(value).lower()
    return str(value)


def _region(name: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Region:
    return Region(PATH, name, ("", *table(heads, rows).split("\n")))

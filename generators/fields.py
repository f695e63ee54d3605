"""Reads the columns of a table's row, and says of a wrong one where it is and what is allowed."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from generators.errors import TableError

# The C loader, where there is one, is as safe and takes a tenth of the time.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Fields:
    """One row, or a part of one.

    Args:
        where: What an error calls it, e.g. `monitoring/alarms.yaml, alarm rds-cpu-high`.
        values: The columns by name.
    """

    where: str
    values: Mapping[str, object]

    @classmethod
    def of(cls, where: str, found: object) -> "Fields":
        """Return the row that was found.

        Raises:
            TableError: it is no mapping.
        """
        if not isinstance(found, Mapping):
            raise TableError(f"{where} is {found!r}, allowed: columns with values")
        return cls(where, {str(name): value for name, value in found.items()})

    @classmethod
    def read(cls, root: Path, path: str) -> "Fields":
        """Return the table of a file.

        Raises:
            TableError: it is no YAML, or no mapping.
        """
        try:
            found = yaml.load((root / path).read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506
        except yaml.YAMLError as error:
            raise TableError(f"{path} is no YAML: {error}") from error
        return cls.of(path, found)

    def __contains__(self, name: str) -> bool:
        """Whether the column is given."""
        return name in self.values

    def only(self, allowed: Collection[str]) -> None:
        """Refuse columns that nobody reads.

        Raises:
            TableError: there is one; a misspelt column would otherwise be a default that nobody chose.
        """
        unknown = sorted(set(self.values) - set(allowed))
        if unknown:
            raise TableError(f"{self.where}: {', '.join(unknown)} is no column, allowed: {', '.join(sorted(allowed))}")

    def text(self, name: str, default: str | None = None, *, pattern: str = r"\S.*") -> str:
        """Return a text that matches the pattern as a whole; line breaks count as blanks.

        Raises:
            TableError: it is missing without a default, no text, or does not match.
        """
        if default is not None and name not in self.values:
            return default
        found = self.values.get(name)
        text = " ".join(found.split()) if isinstance(found, str) else ""
        if not re.fullmatch(pattern, text):
            raise self.wrong(name, "a text" if pattern == r"\S.*" else f"a text that matches {pattern}")
        return text

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Return one of the allowed texts.

        Raises:
            TableError: it is none of them.
        """
        found = self.values.get(name)
        if not isinstance(found, str) or found not in allowed:
            raise self.wrong(name, ", ".join(allowed))
        return found

    def number(self, name: str) -> float:
        """Return a number.

        Raises:
            TableError: it is none.
        """
        return self._number(name, self.values.get(name))

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return a list of numbers; an empty one where the column is not given.

        Raises:
            TableError: it is no list, or something in it is no number.
        """
        return tuple(self._number(name, value) for value in self._list(name))

    def whole(self, name: str, *, smallest: int = 1) -> int:
        """Return a whole number.

        Raises:
            TableError: it is none, or smaller than allowed.
        """
        found = self.values.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or found < smallest:
            raise self.wrong(name, f"a whole number of {smallest} or more")
        return found

    def part(self, name: str) -> "Fields":
        """Return a column that is a mapping itself; errors as `of`."""
        return Fields.of(f"{self.where}: {name}", self.values.get(name))

    def parts(self, name: str, label: str) -> Iterator["Fields"]:
        """Yield the rows of a list, named in errors by the label and their column of that name.

        Raises:
            TableError: it is no list of mappings.
        """
        for position, found in enumerate(self._list(name), 1):
            named = found.get(label, position) if isinstance(found, Mapping) else position
            yield Fields.of(f"{self.where}, {name.removesuffix('s')} {named}", found)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; an empty one where the column is not given.

        Raises:
            TableError: it is no list, or something in it is no text.
        """
        found = self._list(name)
        if not all(isinstance(value, str) for value in found):
            raise self.wrong(name, "a list of texts")
        return tuple(str(value) for value in found)

    def wrong(self, name: str, allowed: str) -> TableError:
        """Return the error about a column's value."""
        found = repr(self.values[name]) if name in self.values else "missing"
        return TableError(f"{self.where}: {name} is {found}, allowed: {allowed}")

    def _list(self, name: str) -> list[object]:
        found = self.values.get(name, [])
        if not isinstance(found, list):
            raise self.wrong(name, "a list")
        return found

    def _number(self, name: str, found: object) -> float:
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.wrong(name, "a number")
        return found

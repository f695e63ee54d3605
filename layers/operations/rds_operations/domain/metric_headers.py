"""The comment at the top of a query file: lines of `-- key: value`, each key once, in any order."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any

from rds_operations.domain.errors import ConfigurationError

SHORTEST_TIMEOUT = timedelta(milliseconds=100)
LONGEST_TIMEOUT = timedelta(seconds=30)

_LINE = re.compile(r"--\s*([^\s:]+)\s*:\s*(.*?)\s*")
_TIMEOUT = re.compile(r"([1-9][0-9]{0,5})(ms|s)")
_ALLOWED_TIMEOUT = "a whole number of ms or s from 100ms to 30s, e.g. 5s"
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


class MalformedQueryError(ConfigurationError):
    """A query file is wrong; the message names the file, and each line that is wrong with what is allowed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a header; line 1 stands for a line that is missing.

    Args:
        file: The file's name.
        line: The line's number.
        key: What stands before the colon.
        value: What stands after it; None where the line is missing.
    """

    file: str
    line: int
    key: str
    value: str | None

    def wrong(self, allowed: str) -> MalformedQueryError:
        """Return the error that says what was found here, and what is allowed."""
        found = "is missing" if self.value is None else f"is {self.value!r}"
        return MalformedQueryError(f"{self.file}, line {self.line}: {self.key} {found}, allowed: {allowed}")

    def text(self, allowed: str) -> str:
        """Return the value, which may be neither missing nor empty."""
        if not self.value:
            raise self.wrong(allowed)
        return self.value

    def choice(self, choices: Collection[str], default: str | None = None) -> str:
        """Return the value, which is one of the choices; without a default it has to be there."""
        found = default if self.value is None else self.value
        if found is None or found not in choices:
            raise self.wrong(f"one of {', '.join(choices)}")
        return found

    def number(self, *, minimum: int, maximum: int, default: int) -> int:
        """Return the value as a whole number within bounds, or the default where it is missing."""
        if self.value is None:
            return default
        if not _NUMBER.fullmatch(self.value) or not minimum <= int(self.value) <= maximum:
            raise self.wrong(f"a whole number from {minimum} to {maximum}")
        return int(self.value)

    def timeout(self) -> timedelta:
        """Return the value as a time from 100 ms to 30 s."""
        parts = _TIMEOUT.fullmatch(self.value or "")
        if parts is None:
            raise self.wrong(_ALLOWED_TIMEOUT)
        number = int(parts[1])
        timeout = timedelta(seconds=number) if parts[2] == "s" else timedelta(milliseconds=number)
        if not SHORTEST_TIMEOUT <= timeout <= LONGEST_TIMEOUT:
            raise self.wrong(_ALLOWED_TIMEOUT)
        return timeout

    def parts(self) -> tuple[str, ...]:
        """Return the comma-separated parts of the value, none where it is missing."""
        return () if self.value is None else tuple(part.strip() for part in self.value.split(","))


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines of a header say.

    Args:
        entries: The entry of every key.
        length: How many lines the header has.
        faults: A line that has another form, or whose key is unknown or there twice.
    """

    entries: Mapping[str, Entry]
    length: int
    faults: tuple[MalformedQueryError, ...]


def read_header(file: str, lines: Sequence[str], keys: Sequence[str]) -> Header:
    """Return the header of a file; what is wrong with its lines is among what it holds.

    Args:
        file: The file's name, for messages.
        lines: All lines of the file; the header ends at the first that is no comment.
        keys: What there may be.
    """
    found: dict[str, Entry] = {}
    faults: list[MalformedQueryError] = []
    comment = list(takewhile(lambda line: line.startswith("--"), lines))
    for number, line in enumerate(comment, 1):
        parts = _LINE.fullmatch(line)
        if parts is None:
            allowed = f"`-- key: value` with a key of {', '.join(keys)}; other comments after an empty line"
            faults.append(Entry(file, number, "the header", line).wrong(allowed))
            continue
        key, value = parts.groups()
        if key not in keys or key in found:
            faults.append(Entry(file, number, "the key", key).wrong(f"each of {', '.join(keys)} once"))
        else:
            found[key] = Entry(file, number, key, value)
    entries = {key: found.get(key, Entry(file, 1, key, None)) for key in keys}
    return Header(entries, len(comment), tuple(faults))


def read_all(readers: Mapping[str, Callable[[], Any]], faults: Sequence[MalformedQueryError]) -> dict[str, Any]:
    """Return what each reader gives, by its name.

    Args:
        readers: Each returns a value, or raises what is wrong with it.
        faults: What else is wrong already.

    Raises:
        MalformedQueryError: something is wrong; everything that is, is told at once.
    """
    found: dict[str, Any] = {}
    wrong = list(faults)
    for name, read in readers.items():
        try:
            found[name] = read()
        except MalformedQueryError as fault:
            wrong.append(fault)
    if wrong:
        # A reader that needs another one's value fails as that one does.
        raise MalformedQueryError("; ".join(dict.fromkeys(map(str, wrong))))
    return found

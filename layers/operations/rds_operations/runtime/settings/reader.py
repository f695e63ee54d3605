"""Reads settings from environment variables and reports everything that is wrong with them at once."""

import os
import re
from collections.abc import Collection, Mapping

from rds_operations.domain.errors import ConfigurationError


class EnvironmentReader:
    """Collects typed values and complaints; `finish` raises all complaints in one error.

    A value that is wrong is replaced by a harmless one until `finish`, so that the caller can go on asking.

    Args:
        variables: The environment; the process's own when None.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables
        self._complaints: list[str] = []

    def text(self, name: str, *, allowed: str, pattern: str = r".+", default: str | None = None) -> str:
        """Return a text that matches `pattern` as a whole.

        Args:
            name: The variable.
            allowed: The pattern in words, for the error.
            pattern: A regular expression.
            default: The value of a missing or empty variable; None makes the variable required.
        """
        value = self._variables.get(name, "")
        if not value and default is not None:
            return default
        if not re.fullmatch(pattern, value):
            self._complain(name, allowed)
        return value

    def choice(self, name: str, choices: Collection[str]) -> str:
        """Return a text that is one of `choices`."""
        value = self._variables.get(name, "")
        if value not in choices:
            self._complain(name, "one of " + ", ".join(choices))
        return value

    def integer(self, name: str, *, minimum: int, maximum: int, default: int | None = None) -> int:
        """Return a whole number from `minimum` to `maximum`; `default` as in `text`."""
        value = self._variables.get(name, "")
        if not value and default is not None:
            return default
        if re.fullmatch(r"[0-9]{1,9}", value) and minimum <= int(value) <= maximum:
            return int(value)
        self._complain(name, f"a whole number from {minimum} to {maximum}")
        return minimum

    def finish(self) -> None:
        """Raise what was found wrong.

        Raises:
            ConfigurationError: at least one variable is missing or wrong; all are named.
        """
        if self._complaints:
            raise ConfigurationError("; ".join(self._complaints))

    def _complain(self, name: str, allowed: str) -> None:
        value = self._variables.get(name)
        found = "is not set" if value is None else f"is {value!r}"
        self._complaints.append(f"{name} {found}, allowed: {allowed}")

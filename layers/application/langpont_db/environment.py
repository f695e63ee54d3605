"""Reads settings from environment variables, today's names and LangPont's earlier ones.

| variable | what | default |
|---|---|---|
| `DATABASE_PRIMARY_URL` | the writer; or `DATABASE_MASTER_URL`, `RDS_MASTER_URL`, `RDS_DATABASE_URL` | required |
| `DATABASE_REPLICA_URLS` | one URL for each replica, by comma; or `DATABASE_SLAVE_URL`, `RDS_REPLICA_URL` | none |
| `DATABASE_<PURPOSE>_REPLICA_URLS` | replicas of `get_read_session(purpose="<purpose>")`, e.g. `ANALYTICS` | none |
| `DATABASE_TOKEN_KEY` | signs the tokens of requests; the same in every process | a key of this process alone |
| `DATABASE_PROCESSES` | processes that have such pools | 1 |
| `DATABASE_LAG_BOUND_SECONDS` | how old what a replica shows may be | 5 |
| `DATABASE_REPLICA_WAIT_SECONDS` | wait for a replica to have its user's writes | 0 |
| `DATABASE_PRIMARY_POOL_SIZE`, `DATABASE_PRIMARY_MAX_OVERFLOW` | connections to the primary | 20, 30 |
| `DATABASE_REPLICA_POOL_SIZE`, `DATABASE_REPLICA_MAX_OVERFLOW` | connections to each replica | 15, 25 |
| `DATABASE_POOL_TIMEOUT_SECONDS`, `DATABASE_POOL_RECYCLE_SECONDS` | wait for a connection, and its age | 30, 3600 |
| `DATABASE_STATEMENT_TIMEOUT_SECONDS` | the longest statement | 60 |
| `DATABASE_PURPOSE_STATEMENT_TIMEOUT_SECONDS` | the longest statement for a purpose | 300 |
| `DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_SECONDS` | a transaction without a statement | 120 |
| `DATABASE_RETRY_DEADLINE_SECONDS` | how long run_in_transaction goes on | 60 |
| `DATABASE_CONNECT_TIMEOUT_SECONDS` | wait for a new connection | 3 |
| `DATABASE_LOGIN` | `password` or `iam` | password |
| `DATABASE_REGION` | the instances' region, with `iam`; else `AWS_REGION` | none |
"""

import difflib
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from langpont_db.errors import ConfigurationError
from langpont_db.settings import LIMITS, Login, PoolSize, Settings
from langpont_db.urls import parse_url

PRIMARY_NAMES = ("DATABASE_PRIMARY_URL", "DATABASE_MASTER_URL", "RDS_MASTER_URL", "RDS_DATABASE_URL")
REPLICA_NAMES = ("DATABASE_REPLICA_URLS", "DATABASE_SLAVE_URL", "RDS_REPLICA_URL")
_PURPOSE_NAME = re.compile(r"DATABASE_([A-Z][A-Z0-9_]*)_REPLICA_URLS")
_WHOLE_NUMBERS = ("pool_recycle_seconds", "processes", "connect_timeout_seconds")
_MOST_CONNECTIONS = 10_000
# DATABASE_REPLICA_URL is 0.98 like DATABASE_REPLICA_URLS; DATABASE_URL, which others use, is 0.86 like the nearest one.
_MISSPELLED_FROM = 0.9


def read_settings(variables: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in environment variables.

    Args:
        variables: The environment; the process's own when None.

    Raises:
        ConfigurationError: a variable is missing, misspelled, wrong, or contradicts another; all are named in one line.
    """
    reader = _Reader(os.environ if variables is None else variables)
    values: dict[str, Any] = {
        "primary_url": reader.primary_url(),
        "replica_urls": reader.urls(*reader.one_of(REPLICA_NAMES)),
        "purpose_urls": reader.purposes(),
        "primary_pool": reader.pool("PRIMARY", PoolSize(20, 30)),
        "replica_pool": reader.pool("REPLICA", PoolSize(15, 25)),
        **reader.numbers(),
        "token_key": reader.text("DATABASE_TOKEN_KEY"),
        "login": reader.login(),
        "region": reader.text("DATABASE_REGION") or reader.text("AWS_REGION"),
    }
    reader.refuse_misspelled()
    reader.finish()
    return Settings(**values)


class _Reader:
    """Collects values and complaints; `finish` raises all complaints in one error."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._complaints: list[str] = []
        self._known: set[str] = set()

    def text(self, name: str) -> str | None:
        self._known.add(name)
        return self._variables.get(name, "").strip() or None

    def one_of(self, names: tuple[str, ...]) -> tuple[str, str | None]:
        """Return the name that is set and its value; several must say the same."""
        values = {name: value for name in names if (value := self.text(name))}
        if len(set(values.values())) > 1:
            self._complaints.append(f"{' and '.join(values)} contradict each other, allowed: one of them")
        return next(iter(values.items()), (names[0], None))

    def primary_url(self) -> str:
        name, value = self.one_of(PRIMARY_NAMES)
        if value is None:
            self._complaints.append(
                f"{name} is not set, allowed: postgresql+psycopg://user:password@endpoint:5432/database"
            )
            return ""
        self._check_url(name, value)
        return value

    def urls(self, name: str, value: str | None) -> tuple[str, ...]:
        urls = tuple(each.strip() for each in (value or "").split(",") if each.strip())
        for url in urls:
            self._check_url(name, url)
        return urls

    def purposes(self) -> dict[str, tuple[str, ...]]:
        found = {name: match[1].lower() for name in self._variables if (match := _PURPOSE_NAME.fullmatch(name))}
        return {purpose: urls for name, purpose in sorted(found.items()) if (urls := self.urls(name, self.text(name)))}

    def numbers(self) -> dict[str, float]:
        read = {}
        for field, (low, high) in LIMITS.items():
            whole = field in _WHOLE_NUMBERS
            value = self._number(f"DATABASE_{field.upper()}", low, high, whole=whole)
            if value is not None:
                read[field] = int(value) if whole else value
        return read

    def pool(self, role: str, default: PoolSize) -> PoolSize:
        size = self._number(f"DATABASE_{role}_POOL_SIZE", 1, _MOST_CONNECTIONS, whole=True)
        overflow = self._number(f"DATABASE_{role}_MAX_OVERFLOW", 0, _MOST_CONNECTIONS, whole=True)
        return PoolSize(
            default.size if size is None else int(size), default.max_overflow if overflow is None else int(overflow)
        )

    def login(self) -> Login:
        value = self.text("DATABASE_LOGIN") or Login.PASSWORD
        if value not in list(Login):
            self._complaints.append(f"DATABASE_LOGIN is {value!r}, allowed: {', '.join(Login)}")
            return Login.PASSWORD
        return Login(value)

    def refuse_misspelled(self) -> None:
        """Complain of what is nearly the name of a setting that is not set: it would do nothing, without a word.

        What was read by then is what there is.
        """
        known = sorted(self._known)
        for name in sorted(self._variables):
            meant = None if name in known or _PURPOSE_NAME.fullmatch(name) else _name_like(name, known)
            if meant and not self.text(meant):
                self._complaints.append(f"{name} is no setting, allowed: {meant}")

    def finish(self) -> None:
        if self._complaints:
            raise ConfigurationError("; ".join(self._complaints))

    def _check_url(self, name: str, url: str) -> None:
        try:
            parse_url(name, url)
        except ConfigurationError as error:
            self._complaints.append(str(error))

    def _number(self, name: str, low: float, high: float, *, whole: bool) -> float | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if low <= value <= high and (value.is_integer() or not whole):
            return value
        kind = "a whole number" if whole else "a number"
        self._complaints.append(f"{name} is {text!r}, allowed: {kind} from {low:g} to {high:g}")
        return None


def _name_like(name: str, known: Sequence[str]) -> str | None:
    if _PURPOSE_NAME.fullmatch(f"{name}S"):
        return f"{name}S"
    if f"{name}_SECONDS" in known:
        return f"{name}_SECONDS"
    return next(iter(difflib.get_close_matches(name, known, 1, _MISSPELLED_FROM)), None)

"""Tells what only reads from what may write or must see the primary, without asking a server."""

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Function, Label, Select, TextClause
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.selectable import TextualSelect

_READS = re.compile(r"\s*\(*\s*(select|values|table|show|explain(?!\s+\(?\s*analyze)|with)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|into|for\s+(no\s+key\s+)?(update|share|key\s+share))\b", re.IGNORECASE
)
# Functions that write or whose effect is their server's: sequences, locks, messages, settings, large objects.
_EFFECTS = re.compile(
    r"\b(nextval|setval|currval|lastval|pg_(try_)?advisory\w*|pg_notify|set_config|txid_current|pg_current_xact_id|lo_\w+)\b",
    re.IGNORECASE,
)
_CALL_WITH_EFFECTS = re.compile(rf'{_EFFECTS.pattern}"?\s*\(', re.IGNORECASE)


def only_reads(statement: ClauseElement | None) -> bool:
    """Tell whether a statement may go to a replica; what is not known to only read may not.

    Looks at columns alone: what is deeper, the replica's dialect finds in the SQL. A function of one's own that writes
    is not recognised: a replica refuses it, and it is repeated on the primary.

    Args:
        statement: What is about to be executed; None for a flush or a bare connection.
    """
    if isinstance(statement, TextClause):
        return _text_only_reads(statement.text)
    if isinstance(statement, Select):
        return _select_only_reads(statement)
    if isinstance(statement, TextualSelect):
        return only_reads(statement.element)
    return isinstance(statement, CompoundSelect)


@lru_cache(maxsize=1000)
def calls_with_effects(sql: str) -> bool:
    """Tell whether a statement calls a function whose effect is its server's, however deep inside.

    Args:
        sql: The statement as it is sent. SQLAlchemy keeps it, which makes this a look into a table.
    """
    return bool(_CALL_WITH_EFFECTS.search(sql))


def _select_only_reads(statement: Select[Any]) -> bool:
    # Private, and read at every statement: what SQLAlchemy says in public takes ten times as long.
    if statement._for_update_arg is not None:
        return False
    return not any(_has_effects(column) for column in statement._raw_columns)


def _has_effects(column: object) -> bool:
    called = column.element if isinstance(column, Label) else column
    return isinstance(called, Function) and bool(_EFFECTS.fullmatch(called.name))


@lru_cache(maxsize=1000)
def _text_only_reads(text: str) -> bool:
    return bool(_READS.match(text)) and not _WRITES.search(text) and not _EFFECTS.search(text)

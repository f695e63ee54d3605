"""Tells what only reads from what may write or must see the primary, without asking a server."""

import re
from functools import lru_cache

from sqlalchemy import Function, Select, TextClause
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.selectable import CompoundSelect, SelectBase

_READS = re.compile(r"\s*\(*\s*(select|values|table|show|explain(?!\s+\(?\s*analyze)|with)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|into|for\s+(no\s+key\s+)?(update|share|key\s+share))\b", re.IGNORECASE
)
# Functions that write or whose effect is their server's: sequences, locks, messages, settings, large objects.
_EFFECTS = re.compile(
    r"\b(nextval|setval|currval|lastval|pg_(try_)?advisory\w*|pg_notify|set_config|txid_current|pg_current_xact_id|lo_\w+)\b",
    re.IGNORECASE,
)
# An application's texts are few; parameters are not in them.
_REMEMBERED_TEXTS = 1024


def only_reads(statement: ClauseElement | None) -> bool:
    """Tell whether a statement may go to a replica; what is not known to only read may not.

    A function of one's own that writes is not recognised: a replica refuses it, and it is repeated on the primary.

    Args:
        statement: What is about to be executed; None for a flush or a bare connection.
    """
    if isinstance(statement, TextClause):
        return _text_only_reads(statement.text)
    if isinstance(statement, Select):
        # Not the public column_descriptions: making these takes a tenth of a round trip (`make bench`).
        return _locks_nothing(statement) and not any(
            isinstance(column, Function) and _EFFECTS.fullmatch(column.name) for column in statement._raw_columns
        )
    return isinstance(statement, CompoundSelect) or (isinstance(statement, SelectBase) and statement.is_select)


@lru_cache(maxsize=_REMEMBERED_TEXTS)
def _text_only_reads(text: str) -> bool:
    return bool(_READS.match(text)) and not _WRITES.search(text) and not _EFFECTS.search(text)


def _locks_nothing(statement: Select[tuple[object, ...]]) -> bool:
    return statement._for_update_arg is None

"""Positions in the write-ahead log (WAL): what a user wrote, and what a replica has replayed, as numbers to compare."""

from dataclasses import dataclass

# PostgreSQL source, xlog_internal.h: a WAL page of 8 KiB begins with a header, a longer one at the start of a segment.
_PAGE_BYTES = 8192
_HEADER_BYTES = (24, 40)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the log was written when something was committed.

    Args:
        timeline: The history that it belongs to; a promotion begins a new one.
        lsn: Bytes since the beginning of the log.
    """

    timeline: int
    lsn: int

    def and_after(self, other: "Position | None") -> "Position":
        """Return the position at which both are there.

        A later timeline may begin before the end of an earlier one, so the greater of each counts.
        """
        if other is None:
            return self
        return Position(max(self.timeline, other.timeline), max(self.lsn, other.lsn))


def parse_lsn(text: str) -> int:
    """Return the number of an LSN such as `0/50299C0`.

    Args:
        text: As PostgreSQL prints it.
    """
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def end_of_records(lsn: int) -> int:
    """Return where the last record before a place to insert at ends.

    The next record goes behind a page's header, and the last one ended before it: an idle replica would never get to
    the place itself.

    Args:
        lsn: What `pg_current_wal_insert_lsn()` says.
    """
    into_page = lsn % _PAGE_BYTES
    return lsn - into_page if into_page in _HEADER_BYTES else lsn


def timeline_of(wal_file: str) -> int:
    """Return the timeline in the name of a WAL file.

    Args:
        wal_file: What `pg_walfile_name` says; the first eight digits are the timeline.
    """
    return int(wal_file[:8], 16)

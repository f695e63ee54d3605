"""Reads a server's own log (csvlog) for the reason of its end."""

import csv
from pathlib import Path

# Columns of csvlog, PostgreSQL manual, 20.8.4 "Using CSV-Format Log Output".
_PROCESS_ID = 3
_ERROR_CODE = 12
_MESSAGE = 13


def first_trouble(log_folder: Path) -> str:
    """Return the first complaint of the server's main process in its newest log; empty if there is none."""
    logs = sorted(log_folder.glob("*.csv"))
    if not logs:
        return ""
    with logs[-1].open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) > _MESSAGE]
    if not rows:
        return ""
    # The main process has the last word; 00 is the class of the codes that mean success.
    own = [row for row in rows if row[_PROCESS_ID] == rows[-1][_PROCESS_ID]]
    return next((row[_MESSAGE] for row in own if not row[_ERROR_CODE].startswith("00")), "")

"""`python -m metric_files.document` writes docs/metrics.md; with `--check` it only says whether that is stale."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from metric_files.catalogue import PATH, catalogue
from rds_operations.domain.errors import OperationsError
from rds_operations.runtime.metric_queries import load_metric_queries

ROOT = Path(__file__).parents[1]
QUERIES = Path("functions", "push_metrics", "queries")
_CHECK = "--check"


def main(arguments: Sequence[str], root: Path = ROOT, out: TextIO = sys.stdout) -> int:
    """Write the page where it is stale, or with `--check` say so; return the exit status.

    Args:
        arguments: Nothing, or `--check`.
        root: The checkout.
        out: Where the result is said.
    """
    if unknown := [argument for argument in arguments if argument != _CHECK]:
        out.write(f"error: {unknown[0]} is no argument, allowed: {_CHECK}\n")
        return 1
    try:
        page = catalogue(load_metric_queries(root / QUERIES))
    except OperationsError as error:
        out.write(f"error: {error}\n")
        return 1
    file = root / PATH
    if file.exists() and file.read_text(encoding="utf-8") == page:
        out.write(f"{PATH} is current\n")
        return 0
    if _CHECK in arguments:
        out.write(f"Stale: {PATH}; run make generate\n")
        return 1
    file.write_text(page, encoding="utf-8")
    out.write(f"Written: {PATH}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m metric_files` tries out all metrics on the embedded PostgreSQL, for `make metrics-check`."""

import sys

from rich.console import Console

from local.checkout import Checkout
from local.trouble import TROUBLE, in_a_line
from metric_files.check import check, embedded_cluster, failures, summary, table
from rds_operations.domain.errors import OperationsError
from rds_operations.runtime.metric_queries import load_metric_queries

PLAIN_WIDTH = 120


def main() -> int:
    """Print what each metric gives, and return the exit status: 1 if one of them fails or a file is wrong."""
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    checkout = Checkout.here()
    try:
        queries = load_metric_queries(checkout.queries)
        with embedded_cluster(checkout) as (cluster, login):
            run = check(queries, cluster, login)
    except OperationsError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except TROUBLE as error:
        sys.stderr.write(f"error: {in_a_line(error)}\n")
        return 1
    console.print(table(run))
    console.print(summary(run, len(queries)), soft_wrap=True)
    return 1 if failures(run) else 0


if __name__ == "__main__":
    sys.exit(main())

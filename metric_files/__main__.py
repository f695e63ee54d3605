"""`python -m metric_files` tries out all metrics on the embedded PostgreSQL, for `make metrics-check`."""

import sys

from rich.console import Console

from local.checkout import Checkout
from local.interruptions import interrupt_on_signals
from local.trouble import TROUBLE, in_a_line
from metric_files.check import check, embedded_cluster, failures, summary, table
from rds_operations.domain.errors import OperationsError
from rds_operations.runtime.metric_queries import load_metric_queries

FAILED, INTERRUPTED = 1, 130
PLAIN_WIDTH = 120


def main() -> int:
    """Print what each metric gives, and return the exit status.

    It is 1 if a metric fails or a file is wrong, and 130 after an interruption, which stops what was started.
    """
    interrupt_on_signals()
    try:
        return _try_out()
    except OperationsError as error:
        return _complain(f"error: {error}", FAILED)
    except TROUBLE as error:
        return _complain(f"error: {in_a_line(error)}", FAILED)
    except KeyboardInterrupt:
        return _complain("interrupted: what this command started has been stopped", INTERRUPTED)


def _try_out() -> int:
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    checkout = Checkout.here()
    queries = load_metric_queries(checkout.queries)
    with embedded_cluster(checkout, Checkout.of_metrics_check()) as (cluster, login):
        run = check(queries, cluster, login)
    console.print(table(run))
    console.print(summary(run, len(queries)), soft_wrap=True)
    return FAILED if failures(run) else 0


def _complain(line: str, status: int) -> int:
    sys.stderr.write(f"{line}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())

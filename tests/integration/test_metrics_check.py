"""`make metrics-check` on the embedded cluster."""

from io import StringIO

from rich.console import Console

from local.postgres.cluster import Cluster
from metric_files.check import check, summary, table
from rds_operations.domain.database_roles import METRICS_ROLE
from rds_operations.domain.databases import DatabaseLogin
from rds_operations.domain.metric_queries import Kind, Node
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.database_setup import PASSWORDS
from tests.functions import FUNCTIONS
from tests.integration.metrics_world import metric

GOOD = metric("good", "SELECT 7 AS metric_value", node=Node.ANY)
BAD = metric("bad", "SELECT 1 AS metric_value FROM nowhere")
EMPTY = metric("empty", "SELECT NULL::integer AS metric_value")
GROWING = metric("growing", "SELECT 5 AS metric_value", kind=Kind.DIFFERENCE)
SPLIT = metric("split", "SELECT 'a' AS part, 3 AS metric_value", dimensions=("part",))


LOGIN = DatabaseLogin(METRICS_ROLE, PASSWORDS[METRICS_ROLE])


def test_every_metric_of_the_project_is_measured_without_failure(cluster: Cluster) -> None:
    run = check(load_metric_queries(FUNCTIONS / "push_metrics" / "queries"), cluster, LOGIN)

    assert [node.failures for node in run.nodes] == [{}, {}]
    assert len(run.primary.published) > 4


def test_table_shows_values_of_both_nodes_no_data_and_errors(cluster: Cluster) -> None:
    run = check([GOOD, BAD, EMPTY, GROWING, SPLIT], cluster, LOGIN)

    output = StringIO()
    Console(file=output, width=120).print(table(run))

    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output.getvalue().splitlines() if "│" in line]
    assert rows == [
        ["bad", "primary", 'failed: relation "nowhere" does not exist (42P01)', "Count"],
        ["empty", "primary", "no data", "Count"],
        ["good", "primary", "7", "Count"],
        ["growing", "primary", "0", "Count"],
        ["split", "primary", "part=a: 3", "Count"],
        ["good", "replica", "7", "Count"],
    ]


def test_last_line_names_what_failed_on_whichever_node_once(cluster: Cluster) -> None:
    nowhere = metric("everywhere_bad", "SELECT 1 AS metric_value FROM nowhere", node=Node.ANY)

    run = check([GOOD, BAD, nowhere], cluster, LOGIN)

    assert summary(run, 3) == "3 metrics, 2 failed: bad, everywhere_bad"
    assert summary(check([GOOD], cluster, LOGIN), 1) == "1 metrics, 0 failed"

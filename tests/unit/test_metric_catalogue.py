"""The page about all metrics is what the query files say."""

from datetime import timedelta
from pathlib import Path

from metric_files.catalogue import PATH, catalogue
from rds_operations.domain.metric_queries import Kind, MetricQuery, Node
from rds_operations.domain.metric_tiers import Tier
from rds_operations.runtime.metric_queries import load_metric_queries
from tests.functions import FUNCTIONS

ROOT = Path(__file__).parents[2]
LAG = MetricQuery(
    name="lag",
    sql="SELECT 1",
    unit="Bytes",
    description="Bytes | behind",
    timeout=timedelta(seconds=5),
    dimensions=("replica",),
    tier=Tier.FIVE_MINUTES,
    node=Node.ANY,
    kind=Kind.RATE,
    at_most=3,
    origin=("pgwatch", "pgMonitor"),
)
USERS = MetricQuery("users", "SELECT 1", "Count", "Users", timedelta(seconds=5))


def test_row_says_what_the_header_says() -> None:
    page = catalogue([LAG])

    assert "## Every five minutes" in page
    assert (
        "| [lag](../functions/push_metrics/queries/lag.sql) | Bytes | each node | Bytes \\| behind |"
        " growth a second | replica (at most 3) | pgwatch, pgMonitor |"
    ) in page


def test_page_does_not_depend_on_the_order() -> None:
    assert catalogue([LAG, USERS]) == catalogue([USERS, LAG])
    assert catalogue([LAG, USERS]).index("users.sql") < catalogue([LAG, USERS]).index("lag.sql")


def test_tier_without_metrics_is_left_out() -> None:
    assert "Every hour" not in catalogue([LAG, USERS])


def test_committed_page_is_current() -> None:
    queries = load_metric_queries(FUNCTIONS / "push_metrics" / "queries")

    assert (ROOT / PATH).read_text(encoding="utf-8") == catalogue(queries), "run make generate"

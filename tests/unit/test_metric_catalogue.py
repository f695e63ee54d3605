"""The page about all metrics is what the query files say."""

import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from metric_files.catalogue import PATH, catalogue
from metric_files.document import QUERIES, main
from rds_operations.domain.metric_queries import HEADER_KEYS, Kind, MetricQuery, Node
from rds_operations.domain.metric_tiers import Tier
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


def test_each_key_of_the_header_has_a_row_and_nothing_else_has() -> None:
    table = catalogue([]).partition("| key | what |")[2].partition("\n\n")[0]

    assert {row.split("`")[1] for row in table.splitlines()[2:]} == set(HEADER_KEYS)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Query files and their page, in a folder of their own."""
    shutil.copytree(FUNCTIONS / "push_metrics" / "queries", tmp_path / QUERIES)
    (tmp_path / PATH).parent.mkdir()
    shutil.copy(ROOT / PATH, tmp_path / PATH)
    return tmp_path


def test_committed_page_is_current() -> None:
    said = StringIO()

    assert main(["--check"], ROOT, said) == 0, said.getvalue()


def test_new_file_is_noticed_and_written_down(checkout: Path) -> None:
    header = "-- description: Orders\n-- unit: Count\n-- timeout: 5s\n"
    (checkout / QUERIES / "orders.sql").write_text(f"{header}SELECT 1 AS metric_value", encoding="utf-8")
    noticed, written = StringIO(), StringIO()

    assert main(["--check"], checkout, noticed) == 1
    assert main([], checkout, written) == 0
    assert noticed.getvalue() == "Stale: docs/metrics.md; run make generate\n"
    assert "| [orders](" in (checkout / PATH).read_text(encoding="utf-8")
    assert main(["--check"], checkout, StringIO()) == 0


def test_wrong_file_is_named(checkout: Path) -> None:
    (checkout / QUERIES / "orders.sql").write_text("SELECT 1", encoding="utf-8")
    said = StringIO()

    assert main([], checkout, said) == 1
    assert "orders.sql" in said.getvalue()


def test_other_arguments_are_refused() -> None:
    said = StringIO()

    assert main(["--chek"], ROOT, said) == 1
    assert said.getvalue() == "error: --chek is no argument, allowed: --check\n"

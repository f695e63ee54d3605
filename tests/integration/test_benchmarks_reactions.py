"""The time from an event to its alert is told as a ratio, and measured with an event like RDS's own."""

import io
import json
from datetime import UTC, datetime

from rich.console import Console

from benchmarks.reactions import COLD, WARM, ReactionTimes, completed_failover, reactions_document, reactions_table
from tests.samples import sample

MEASURED = [ReactionTimes(COLD, (1.2, 0.9, 1.0)), ReactionTimes(WARM, (0.2, 0.1, 0.3))]


def test_ratio_is_to_the_warm_starts_median() -> None:
    cold, warm = reactions_document(MEASURED)

    assert (cold["median_seconds"], cold["ratio"]) == (1.0, 5.0)
    assert (warm["median_seconds"], warm["ratio"]) == (0.2, 1.0)


def test_table_shows_both_starts() -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(reactions_table(MEASURED))
    assert isinstance(console.file, io.StringIO)

    printed = console.file.getvalue()

    assert "1,000" in printed
    assert "5.0 x" in printed


def test_event_has_the_shape_of_the_sample() -> None:
    expected = sample("react_to_rds_event", "drill_failover_completed")
    at = datetime.fromisoformat(expected["detail"]["Date"]).astimezone(UTC)

    sent = completed_failover("langpont-prod-db", at)

    assert (sent["Source"], sent["DetailType"]) == (expected["source"], expected["detail-type"])
    assert json.loads(sent["Detail"]) == expected["detail"] | {"SourceArn": sent["Resources"][0]}

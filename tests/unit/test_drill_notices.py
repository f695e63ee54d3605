"""What a drill tells the deployment arrives there: the mark before, and the report when it is over."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.drill.notices import REPORT_TAG, SINCE_TAG, UNTIL_TAG, Notices, report_place
from local.drill.runs import Drill
from local.errors import LocalError
from rds_operations.domain.alert_texts import subject
from rds_operations.domain.drill_marks import drill_mark
from rds_operations.domain.times import utc_text
from tests.drills import a_drill, a_run
from tests.rds_event_world import RdsEventWorld

ARN = "arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db"
REPLICA = "arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-replica-1"
ADDRESS = "https://reports.example.com/drill.html"


class FakeAws:
    """RDS and EventBridge, as far as a drill tells them something."""

    def __init__(self, failed: int = 0, *, throttled: Collection[int] = ()) -> None:
        self.tags: dict[str, list[dict[str, str]]] = {}
        self.events: list[dict[str, Any]] = []
        self._failed = failed
        self._throttled = throttled
        self._asked = 0

    def add_tags_to_resource(self, *, ResourceName: str, Tags: Sequence[Mapping[str, str]]) -> None:  # noqa: N803
        self._asked += 1
        if self._asked in self._throttled:
            error = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
            raise ClientError({"Error": error}, "AddTagsToResource")  # type: ignore[typeddict-item]
        self.tags.setdefault(ResourceName, []).append({tag["Key"]: tag["Value"] for tag in Tags})

    def put_events(self, *, Entries: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:  # noqa: N803
        for entry in Entries:
            detail = json.loads(entry["Detail"])
            self.events.append(
                {"source": entry["Source"], "detail-type": entry["DetailType"], "region": "x", "detail": detail}
            )
        return {"FailedEntryCount": self._failed, "Entries": [{"ErrorCode": "ThrottlingException"}]}


def notices(aws: FakeAws) -> Notices:
    return Notices(aws, aws, "langpont-prod-db", [ARN, REPLICA])  # type: ignore[arg-type]


def marks(aws: FakeAws) -> dict[str, bool]:
    """Return whether what happens now to each instance is taken for a drill."""
    return {arn: drill_mark(tags[-1], datetime.now(UTC)) is not None for arn, tags in aws.tags.items()}


def told(drill: Drill) -> tuple[dict[str, object], RdsEventWorld]:
    """Return the reaction's response to a drill's report, and the world in which it was told."""
    aws, world = FakeAws(), RdsEventWorld()
    notices(aws).tell(drill, ADDRESS)
    [event] = aws.events
    return world.respond(event), world


def test_every_instance_is_marked_for_the_drill_and_a_little_longer() -> None:
    aws, said = FakeAws(), list[str]()

    with pytest.raises(LocalError, match="no standby"), notices(aws).marked("x", said.append, is_lost=lambda: True):
        raise LocalError("no standby")

    assert set(aws.tags) == {ARN, REPLICA}
    before, after = aws.tags[ARN]
    assert all(re.fullmatch(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z", after[tag]) for tag in (SINCE_TAG, UNTIL_TAG))
    assert before[SINCE_TAG] == after[SINCE_TAG] < utc_text(datetime.now(UTC)) < after[UNTIL_TAG] < before[UNTIL_TAG]
    assert (before[REPORT_TAG], said) == ("x", [])


def test_mark_ends_as_if_it_had_never_begun_where_nothing_was_lost() -> None:
    aws = FakeAws()

    with notices(aws).marked("x", list[str]().append, is_lost=lambda: False):
        during = marks(aws)

    assert during == {ARN: True, REPLICA: True}
    assert marks(aws) == {ARN: False, REPLICA: False}


def test_primary_does_not_stay_marked_where_the_replica_cannot_be() -> None:
    aws = FakeAws(throttled={2})
    begun: list[str] = []

    with (
        pytest.raises(LocalError, match=r"marking langpont-prod-db as drilled failed: .*Rate exceeded"),
        notices(aws).marked("x", list[str]().append, is_lost=lambda: bool(begun)),
    ):
        begun.append("the drill")

    assert begun == []
    assert marks(aws) == {ARN: False, REPLICA: False}


@pytest.mark.parametrize("error", [None, LocalError("no completed failover")], ids=["passed", "failed"])
def test_mark_that_cannot_be_shortened_hides_nothing_and_is_said(error: LocalError | None) -> None:
    aws, said = FakeAws(throttled={3}), list[str]()

    expected = pytest.raises(LocalError, match="no completed failover") if error else nullcontext()
    with expected, notices(aws).marked("x", said.append, is_lost=lambda: True):
        if error:
            raise error

    [remark] = said
    assert remark.startswith(f"shortening the mark of {ARN} failed: ")
    assert remark.endswith("Rate exceeded. It ends by itself within 30 minutes.")
    assert [len(aws.tags[arn]) for arn in (ARN, REPLICA)] == [1, 2]


def test_drill_that_passed_is_told_with_its_numbers_and_its_report() -> None:
    response, world = told(a_drill(a_run()))

    [alert] = world.topic.published
    assert (response["action"], response["category"], response["severity"]) == ("alerted", "drill", "info")
    assert subject(alert) == "[DRILL] INFO langpont-prod-db: The failover drill passed"
    assert (alert.kind, alert.links["report"]) == ("report", ADDRESS)
    objectives = alert.facts["objectives"]
    assert isinstance(objectives, dict)
    assert objectives["O2, no acknowledged write is lost (RPO 0)"] == "pass (0 of 900 lost)"


def test_objective_that_was_missed_is_a_warning_that_names_it() -> None:
    _, world = told(a_drill(a_run(lost=3)))

    [alert] = world.topic.published
    assert subject(alert) == "[DRILL] WARNING langpont-prod-db: The failover drill missed O2"
    assert "Not kept: no acknowledged write is lost (RPO 0)." in alert.summary


def test_objective_that_was_not_measured_is_said() -> None:
    _, world = told(a_drill(replace(a_run(), account=None), controls=()))

    [alert] = world.topic.published
    assert "Not measured: no acknowledged write is lost (RPO 0)." in alert.summary
    assert alert.severity == "info"


def test_bus_that_takes_no_event_is_a_clear_error() -> None:
    with pytest.raises(LocalError, match=r"did not take the drill's report: .*ThrottlingException"):
        notices(FakeAws(failed=1)).tell(a_drill(a_run()), ADDRESS)


def test_place_of_the_report_is_this_machine_unless_it_is_published() -> None:
    assert report_place("").startswith("build/drill/report.html on ")
    assert report_place(ADDRESS) == ADDRESS


@pytest.mark.parametrize("address", ["http://a.example", "https://", "https://a.example/?q=1", "https://" + "a" * 249])
def test_address_that_no_tag_can_hold_is_refused(address: str) -> None:
    with pytest.raises(LocalError, match=r"REPORT_URL is .*, allowed: https://"):
        report_place(address)

"""Tells a deployment of a drill: marks its instances, so that alerts say so, and sends the report when it is over.

What is marked unmarks itself: the tags name the moments from which and until which it counts.
"""

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from local.drill.runs import Drill
from local.errors import LocalError
from local.redrive.queues import in_words

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

SINCE_TAG, UNTIL_TAG, REPORT_TAG = "drill-since", "drill-until", "drill-report"
SOURCE, DETAIL_TYPE = "langpont.drill", "Drill Report"
# Longer than a drill waits for a completion and for its alert, and shorter than what the reaction takes for a mistake.
MARKED_FOR = timedelta(minutes=30)
# RDS rebuilds the standby, and tells of it, some minutes after the completion.
MARKED_AFTERWARDS = timedelta(minutes=15)
# RDS tells when something happened by its own clock.
CLOCKS_DIFFER = timedelta(minutes=1)
# What RDS takes as a tag's value (user guide, "Tagging Amazon RDS resources").
_ADDRESS = re.compile(r"https://[A-Za-z0-9_.:/=+\-@]{1,248}")


def report_place(address: str) -> str:
    """Return where a drill's report is, for people.

    Args:
        address: Where it will be published; empty for this machine.

    Raises:
        LocalError: it is no address that a tag of RDS can hold.
    """
    if not address:
        return f"build/drill/report.html on {socket.gethostname()}"
    if not _ADDRESS.fullmatch(address):
        raise LocalError(
            f"REPORT_URL is {address!r}, allowed: https:// and up to 248 letters, digits and the signs _ . : / = + - @"
        )
    return address


class EventBus(Protocol):
    """boto3's client of EventBridge, as far as it is used."""

    def put_events(self, *, Entries: Sequence[Mapping[str, str]]) -> Mapping[str, Any]:  # noqa: N803 - boto3's name
        """Put events on the account's own bus."""


class Notices:
    """A deployment's instances, and its event bus.

    Args:
        rds: boto3's client of RDS.
        events: boto3's client of EventBridge.
        instance: The primary's identifier.
        arns: Its ARN, and those of its replicas.
    """

    def __init__(self, rds: "RDSClient", events: EventBus, instance: str, arns: Sequence[str]) -> None:
        self._rds = rds
        self._events = events
        self._instance = instance
        self._arns = arns

    @contextmanager
    def marked(self, report: str, say: Callable[[str], None], *, is_lost: Callable[[], bool]) -> Iterator[None]:
        """Mark the instances for the block, and for some minutes more if the primary was lost in it.

        Args:
            report: Where the report will be.
            say: Told what stays marked because it could not be shortened; that ends by itself, too.
            is_lost: Asked when the block ends, however it does. If not, the mark ends as if it had never begun.

        Raises:
            LocalError: they could not be marked; then nothing else is done.
        """
        since = datetime.now(UTC) - CLOCKS_DIFFER
        try:
            with in_words(f"marking {self._instance} as drilled"):
                for arn in self._arns:
                    self._mark(arn, since, datetime.now(UTC) + MARKED_FOR, report)
            yield
        finally:
            self._end_mark(since, datetime.now(UTC) + MARKED_AFTERWARDS if is_lost() else since, report, say)

    def tell(self, drill: Drill, report: str) -> None:
        """Have people told how the drill ended.

        Args:
            drill: The drill.
            report: Where its report is.

        Raises:
            LocalError: the event bus took no event.
        """
        detail = {
            "SourceIdentifier": self._instance,
            "SourceArn": self._arns[0],
            "Date": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "Drill": {
                "report": report,
                "objectives": [
                    {
                        "identifier": each.identifier,
                        "promise": each.promise,
                        "measured": each.measured,
                        "verdict": each.verdict.value,
                    }
                    for each in drill.objectives
                ],
            },
        }
        with in_words(f"telling of the drill of {self._instance}"):
            answer = self._events.put_events(
                Entries=[{"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}]
            )
        if answer["FailedEntryCount"]:
            raise LocalError(f"the event bus did not take the drill's report: {answer['Entries'][0]}")

    def _end_mark(self, since: datetime, until: datetime, report: str, say: Callable[[str], None]) -> None:
        """Shorten every mark that can be: what was measured, or went wrong before, must not be lost over it."""
        for arn in self._arns:
            try:
                with in_words(f"shortening the mark of {arn}"):
                    self._mark(arn, since, until, report)
            except LocalError as error:
                say(f"{error}. It ends by itself within {MARKED_FOR.total_seconds() / 60:.0f} minutes.")

    def _mark(self, arn: str, since: datetime, until: datetime, report: str) -> None:
        values = {
            SINCE_TAG: f"{since:%Y-%m-%dT%H:%M:%SZ}",
            UNTIL_TAG: f"{until:%Y-%m-%dT%H:%M:%SZ}",
            REPORT_TAG: report,
        }
        tags = [{"Key": key, "Value": value} for key, value in values.items()]
        self._rds.add_tags_to_resource(ResourceName=arn, Tags=tags)  # type: ignore[arg-type]

"""Everything that react_to_rds_event touches, played by fakes: one instance, its history, a topic, metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from rds_operations.domain.deployment import Deployment
from rds_operations.domain.findings import Findings
from rds_operations.domain.follow_ups import FollowUpPlan
from rds_operations.domain.instances import DbInstance, HistoryEntry
from rds_operations.domain.probes import ProbeAnswer, ProbeResult, ReplicaProgress
from rds_operations.runtime.events.follow_up import parse_occurrence
from rds_operations.usecases.follow_up_failover import react
from rds_operations.usecases.react_to_rds_event import Reaction, ReactionMeans
from rds_operations.usecases.report_drill import DrillReaction
from tests.fakes.alert_topic import FakeAlertTopic
from tests.fakes.clock import FakeClock
from tests.fakes.enrichment import FakeEnrichment
from tests.fakes.follow_ups import FakeFollowUps
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.prompt_probe import FakePromptProbe
from tests.samples import sample

DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks")
COMPLETED_AT = datetime(2026, 11, 23, 18, 0, 43, 292000, tzinfo=UTC)
INSTANCE = DbInstance(
    identifier="langpont-prod-db",
    arn="arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db",
    resource_id="db-ABCDEFGHIJKL",
    status="available",
    multi_az=True,
    availability_zone="ap-northeast-1a",
    secondary_availability_zone="ap-northeast-1c",
    replica_identifiers=("langpont-prod-replica-1", "analytics"),
)
HISTORY = (
    HistoryEntry(datetime(2026, 11, 23, 18, 0, 0, 120000, UTC), ("failover",), "Multi-AZ instance failover started."),
    HistoryEntry(datetime(2026, 11, 23, 18, 0, 21, 480000, UTC), ("availability",), "DB instance restarted"),
    HistoryEntry(COMPLETED_AT, ("failover",), "The user requested a failover of the DB instance."),
    HistoryEntry(COMPLETED_AT, ("failover",), "Multi-AZ instance failover completed"),
)
FOUND = Findings(INSTANCE, HISTORY, {"langpont-prod-replica-1": "available"})
PROBED = ProbeResult(
    reachable=True,
    connect_ms=41,
    writable=True,
    in_recovery=False,
    server_version="16.14",
    replicas=(ReplicaProgress("rds_replica_1", "streaming", 0, None),),
)
PLAN = FollowUpPlan(zones_after=timedelta(minutes=10), completion_within=timedelta(minutes=15))
NOTHING_FOUND = Findings(unavailable=("describing langpont-prod-db took longer than 5 s",))


@dataclass
class RdsEventWorld:
    """Everything the use case touches, with one found instance."""

    findings: Findings = FOUND
    others: Mapping[str, Findings] = field(default_factory=dict)
    topic: FakeAlertTopic = field(default_factory=FakeAlertTopic)
    metrics: FakeMetricSink = field(default_factory=FakeMetricSink)
    now: datetime = COMPLETED_AT + timedelta(seconds=2)
    probe: FakePromptProbe | None = None
    follow_ups: FakeFollowUps | None = field(default_factory=FakeFollowUps)
    enrichment: FakeEnrichment = field(init=False)

    def __post_init__(self) -> None:
        self.enrichment = FakeEnrichment({"langpont-prod-db": self.findings, **self.others})

    def react(self, name: str, envelope: Mapping[str, object] | None = None, **detail: object) -> Reaction:
        event = sample("react_to_rds_event", name) | dict(envelope or {})
        if detail:
            event["detail"] |= detail
        return self.handle(event)

    def handle(self, event: object) -> Reaction:
        """React to an event of RDS, or look a second time, as the handler does."""
        reaction = self._react(event)
        assert isinstance(reaction, Reaction)
        return reaction

    def respond(self, event: object) -> dict[str, object]:
        """Return the response to whatever reaches the function."""
        return self._react(event).as_response()

    def _react(self, event: object) -> Reaction | DrillReaction:
        means = ReactionMeans(
            clock=FakeClock(self.now),
            enrichment=self.enrichment,
            topic=self.topic,
            metrics=self.metrics,
            probe=self.probe,
            follow_ups=self.follow_ups,
        )
        return react(parse_occurrence(event), deployment=DEPLOYMENT, plan=PLAN, means=means)


def probing(result: ProbeResult = PROBED, **changes: object) -> FakePromptProbe:
    """Return a probe that finds that."""
    return FakePromptProbe(ProbeAnswer(replace(result, **changes)))  # type: ignore[arg-type]

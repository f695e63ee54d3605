"""Asks everything about an alarm at once, with a common time limit, so that no alert waits for a slow API.

A call that is still running at the limit is left to its own thread, which the client's short timeouts end.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rds_operations.adapters.answers import Answers
from rds_operations.adapters.bounded_enrichment import ALERT_WAITS, BoundedEnrichment, Note
from rds_operations.adapters.cloudwatch_history import CloudWatchHistory, cloudwatch_client
from rds_operations.adapters.functions import LambdaFunctions, lambda_client
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.adapters.rds_maintenance import RdsMaintenance
from rds_operations.domain.alarm_children import watched_by
from rds_operations.domain.alarm_findings import AlarmFindings, Peak
from rds_operations.domain.alarm_history import alarm_past
from rds_operations.domain.alarm_questions import AlarmQuestions, DiagnosisQuestion
from rds_operations.domain.alarms import AlarmTrigger
from rds_operations.domain.diagnoses import Diagnosis, answered_diagnosis
from rds_operations.domain.errors import OperationsError
from rds_operations.domain.metric_trends import trend
from rds_operations.ports.alarms import AlarmHistory, Maintenance
from rds_operations.ports.functions import Functions
from rds_operations.ports.instances import Enrichment

INSTANCE_WAITS = ALERT_WAITS - timedelta(seconds=0.5)
"""RDS's answers come together; those that are there have to be in before the common limit."""

# Two diagnoses at most; instance, maintenance, past, peak and trends beside them.
_WORKERS = 7
# CloudWatch keeps values of a minute for 15 days (user guide, "Metrics retention").
_PEAK_REACHES = timedelta(days=14)


def alarm_enrichment(probe_function_name: str, note: Note) -> "BoundedAlarmEnrichment":
    """Return the enrichment that asks RDS, CloudWatch and, by the function that can reach it, the database.

    Args:
        probe_function_name: The function; empty asks the database nothing.
        note: Told each thing that is missing, in a sentence.
    """
    rds = rds_client(connect_timeout_seconds=1, read_timeout_seconds=2, attempts=2)
    return BoundedAlarmEnrichment(
        Sources(
            instances=BoundedEnrichment(RdsInstanceDirectory(rds), INSTANCE_WAITS, note=note),
            maintenance=RdsMaintenance(rds),
            history=CloudWatchHistory(cloudwatch_client()),
            functions=LambdaFunctions(lambda_client(connect_timeout_seconds=1, read_timeout_seconds=5)),
            probe_function_name=probe_function_name,
        ),
        note=note,
    )


@dataclass(frozen=True, slots=True)
class Sources:
    """Whom to ask; each has to bear calls from several threads, as boto3's clients do.

    Args:
        instances: RDS, about instances.
        maintenance: RDS, about what it will do.
        history: CloudWatch.
        functions: Lambda.
        probe_function_name: The function that asks the database; empty where there is none.
    """

    instances: Enrichment
    maintenance: Maintenance
    history: AlarmHistory
    functions: Functions
    probe_function_name: str


class BoundedAlarmEnrichment:
    """An `AlarmEnrichment`.

    Args:
        sources: Whom to ask.
        limit: The longest that one `gather` takes.
        note: Told each thing that is missing, in a sentence.
    """

    def __init__(self, sources: Sources, limit: timedelta = ALERT_WAITS, *, note: Note) -> None:
        self._sources = sources
        self._limit = limit
        self._note = note

    def gather(self, questions: AlarmQuestions) -> AlarmFindings:
        """Return what was answered in time; what fails or takes too long is named in it and never raised."""
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="enrichment")
        answers = Answers(self._limit)
        try:
            return self._asked(questions, pool, answers)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _asked(self, questions: AlarmQuestions, pool: ThreadPoolExecutor, answers: Answers) -> AlarmFindings:
        sources, alarm = self._sources, questions.alarm
        diagnosing = {question: pool.submit(self._diagnose, question) for question in self._diagnoses(questions)}
        remembering = pool.submit(lambda: alarm_past(alarm, sources.history.changes(alarm.name)))
        describing = pool.submit(sources.instances.gather, questions.instance, questions.looking_back)
        planning = pool.submit(sources.maintenance.pending, questions.instance_arn)
        following = pool.submit(self._trends, questions)
        past = answers.wait_for(remembering, f"reading the history of alarm {alarm.name}")
        peaking = pool.submit(self._peaks, questions, past.began_at) if past and past.began_at else None
        peaks = (answers.wait_for(peaking, f"reading the peak of {alarm.name}") if peaking else None) or _Peaks()
        found = {
            "past": past,
            "diagnoses": _answered(diagnosing, answers),
            "peaks": peaks.found,
            "trends": answers.wait_for(following, f"reading the metrics of {questions.instance}") or {},
            "maintenance": answers.wait_for(planning, f"reading the pending maintenance of {questions.instance}"),
            "instance": answers.wait_for(describing, f"describing {questions.instance}"),
        }
        missing = (*answers.missing, *peaks.missing)
        for sentence in missing:
            self._note(sentence)
        known = {name: value for name, value in found.items() if value is not None}
        return AlarmFindings(**known, unavailable=missing)  # type: ignore[arg-type]

    def _diagnoses(self, questions: AlarmQuestions) -> tuple[DiagnosisQuestion, ...]:
        return questions.diagnoses if self._sources.probe_function_name else ()

    def _diagnose(self, question: DiagnosisQuestion) -> Diagnosis:
        sources = self._sources
        answer = sources.functions.invoke(sources.probe_function_name, question.as_event())
        return answered_diagnosis(question.kind, answer)

    def _trends(self, questions: AlarmQuestions) -> Mapping[str, str]:
        found = self._sources.history.values(questions.metrics, questions.trend_since, questions.alarm.changed_at)
        return {
            question.name: trend(question.name, found[question])
            for question in questions.metrics
            if found.get(question)
        }

    def _peaks(self, questions: AlarmQuestions, began_at: datetime) -> "_Peaks":
        """Return the worst value of what the alarm, or each alarm of a composite one, watched while it was on."""
        alarm, history = questions.alarm, self._sources.history
        if alarm.trigger:
            triggers: Mapping[str, AlarmTrigger] = {alarm.name: alarm.trigger}
        else:
            triggers = history.triggers(questions.children) if questions.children else {}
        peaks = _Peaks()
        for name, trigger in triggers.items():
            try:
                peak = self._peak(trigger, began_at, alarm.changed_at)
            except OperationsError as error:
                peaks.missing.append(f"the peak of {name}: {error}")
                continue
            if peak:
                peaks.found[name] = peak
        return peaks

    def _peak(self, trigger: AlarmTrigger, began_at: datetime, until: datetime) -> Peak | None:
        watched = watched_by(trigger)
        if watched is None:
            return None
        # The values that made it come on are older than its coming on.
        earlier = timedelta(seconds=watched.period_seconds * (trigger.evaluation_periods or 1))
        since = max(began_at - earlier, until - _PEAK_REACHES)
        worst = trigger.worst(self._sources.history.series(watched, since, until))
        return None if worst is None else Peak(trigger.metric, worst)


@dataclass(frozen=True, slots=True)
class _Peaks:
    found: dict[str, Peak] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def _answered(asked: Mapping[DiagnosisQuestion, "Future[Diagnosis]"], answers: Answers) -> tuple[Diagnosis, ...]:
    told = (answers.wait_for(future, f"asking the database for {each.kind}") for each, future in asked.items())
    return tuple(diagnosis for diagnosis in told if diagnosis)

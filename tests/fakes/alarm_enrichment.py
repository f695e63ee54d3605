"""An enrichment of alarms that answers at once, and remembers what it was asked."""

from collections.abc import Mapping

from rds_operations.domain.alarm_findings import AlarmFindings
from rds_operations.domain.alarm_questions import AlarmQuestions
from rds_operations.domain.findings import Findings


class FakeAlarmEnrichment:
    """Returns prepared findings by instance; nothing about instances that were not prepared."""

    def __init__(self, findings: Mapping[str, AlarmFindings] | None = None) -> None:
        self._findings = dict(findings or {})
        self.asked: list[AlarmQuestions] = []

    def gather(self, questions: AlarmQuestions) -> AlarmFindings:
        self.asked.append(questions)
        missing = Findings(unavailable=(f"describing {questions.instance} failed: not prepared",))
        return self._findings.get(questions.instance, AlarmFindings(missing))

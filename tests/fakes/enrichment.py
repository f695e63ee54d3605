"""An enrichment that answers at once, and remembers what it was asked."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from rds_operations.domain.findings import Findings


class FakeEnrichment:
    """Returns prepared findings by instance; nothing about instances that were not prepared."""

    def __init__(self, findings: Mapping[str, Findings] | None = None) -> None:
        self._findings = dict(findings or {})
        self.asked: list[tuple[str, timedelta]] = []
        self.described: list[str] = []

    def describe(self, identifier: str) -> Findings:
        self.described.append(identifier)
        found = self._findings.get(identifier, Findings(unavailable=(f"describing {identifier} failed: not prepared",)))
        return Findings(found.instance, unavailable=found.unavailable)

    def gather(self, identifier: str, looking_back: timedelta, primary: str | None = None) -> Findings:
        self.asked.append((identifier, looking_back))
        found = self._findings.get(identifier, Findings(unavailable=(f"describing {identifier} failed: not prepared",)))
        possible_primary = self._findings[primary].instance if primary in self._findings else None
        return replace(found, primary=possible_primary)

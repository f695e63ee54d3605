"""Engines of the instances it was given."""

from rds_operations.domain.engine_versions import EngineVersion, RunningEngine


def version(text: str) -> EngineVersion:
    """Return the version, which a test always writes well."""
    parsed = EngineVersion.parse(text)
    assert parsed is not None
    return parsed


def engine(text: str, status: str = "available", pending: str = "") -> RunningEngine:
    """Return what the test's instance runs."""
    return RunningEngine("langpont-dev-db", version(text), status, version(pending) if pending else None)


class FakeEngines:
    """Tells what the prepared instances run."""

    def __init__(self, *engines: RunningEngine) -> None:
        self._engines = {running.identifier: running for running in engines}

    def running(self, identifier: str) -> RunningEngine | None:
        return self._engines.get(identifier)

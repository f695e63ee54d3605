"""Settings of probe_database."""

from dataclasses import dataclass

from rds_operations.runtime.settings.login import LoginSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeDatabaseSettings(LoginSettings):
    """Settings of the function that asks the database for the others; none beyond those of a login."""

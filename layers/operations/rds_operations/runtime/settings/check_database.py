"""Settings of check_database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.domain.server_expectations import ServerPlan
from rds_operations.runtime.settings.base import read_base
from rds_operations.runtime.settings.database import read_max_connections
from rds_operations.runtime.settings.login import LoginSettings, read_login
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDatabaseSettings(LoginSettings):
    """Settings of the function that compares what the server runs with what it should.

    Args:
        db_instance_class: The primary's class.
        max_connections: How many connections the server should take.
        log_destination: Where its log should go.
    """

    db_instance_class: str
    max_connections: int
    log_destination: str

    @property
    def plan(self) -> ServerPlan:
        """What the deployment asked for."""
        return ServerPlan(self.db_instance_class, self.max_connections, self.log_destination)

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base, login = read_base(reader), read_login(reader)
        db_instance_class = reader.text(
            "DB_INSTANCE_CLASS",
            pattern=r"db\.[a-z0-9-]+\.[a-z0-9]+",
            allowed="a DB instance class such as db.t3.medium",
        )
        max_connections = read_max_connections(reader)
        log_destination = reader.choice("LOG_DESTINATION", ("stderr", "csvlog"))
        reader.finish()
        return cls(
            **base,
            **login,
            db_instance_class=db_instance_class,
            max_connections=max_connections,
            log_destination=log_destination,
        )

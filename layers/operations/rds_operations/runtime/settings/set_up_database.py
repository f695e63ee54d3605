"""Settings of set_up_database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.domain.database_roles import APP_ROLE, METRICS_ROLE, READONLY_ROLE, RoleWish, wanted_roles
from rds_operations.domain.databases import Authentication
from rds_operations.runtime.settings.base import read_base
from rds_operations.runtime.settings.database import (
    DatabaseSettings,
    read_database,
    read_max_connections,
    read_secret_arn,
)
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpDatabaseSettings(DatabaseSettings):
    """Settings of the function that makes extensions, roles and rights what they should be.

    Args:
        db_secret_arn: The secret of the master user, as whom it logs in.
        app_secret_arn: The secret of the application's role.
        readonly_secret_arn: The secret of the reading role.
        metrics_authentication: How the metrics role logs in.
        metrics_secret_arn: The secret of the metrics role; only with `secret`.
        max_connections: How many connections the server takes.
    """

    db_secret_arn: str
    app_secret_arn: str
    readonly_secret_arn: str
    metrics_authentication: Authentication
    metrics_secret_arn: str
    max_connections: int

    @property
    def roles(self) -> tuple[RoleWish, ...]:
        """The roles that there should be."""
        return wanted_roles(max_connections=self.max_connections, metrics_authentication=self.metrics_authentication)

    @property
    def role_secret_arns(self) -> Mapping[str, str]:
        """The secret of each role that logs in with a password."""
        arns = {APP_ROLE: self.app_secret_arn, READONLY_ROLE: self.readonly_secret_arn}
        if self.metrics_authentication is Authentication.SECRET:
            arns[METRICS_ROLE] = self.metrics_secret_arn
        return arns

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base, database = read_base(reader), read_database(reader)
        authentication = reader.choice("METRICS_AUTHENTICATION", tuple(Authentication))
        is_secret = authentication == Authentication.SECRET
        arns = {name: read_secret_arn(reader, f"{name.upper()}_SECRET_ARN") for name in ("db", "app", "readonly")}
        metrics_secret_arn = read_secret_arn(
            reader, "METRICS_SECRET_ARN", is_required=is_secret, needed_with="METRICS_AUTHENTICATION"
        )
        max_connections = read_max_connections(reader)
        reader.finish()
        return cls(
            **base,
            **database,
            **{f"{name}_secret_arn": arn for name, arn in arns.items()},
            metrics_authentication=Authentication(authentication),
            metrics_secret_arn=metrics_secret_arn,
            max_connections=max_connections,
        )

"""The settings of functions that log in to the database as a role of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.domain.databases import Authentication, DatabaseAccess
from rds_operations.runtime.settings.base import read_base
from rds_operations.runtime.settings.database import (
    ALLOWED_NAME,
    NAME_PATTERN,
    DatabaseFields,
    DatabaseSettings,
    read_database,
    read_secret_arn,
)
from rds_operations.runtime.settings.reader import EnvironmentReader


class LoginFields(DatabaseFields):
    """The fields of `LoginSettings` beside those of every function, as read."""

    db_user: str
    db_auth: Authentication
    db_secret_arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSettings(DatabaseSettings):
    """Settings of a function that logs in by token, or by secret where there is no IAM.

    Args:
        db_user: The role; a secret names its own.
        db_auth: How the role logs in.
        db_secret_arn: The secret with the role's password; only with `secret`.
    """

    db_user: str
    db_auth: Authentication
    db_secret_arn: str

    @property
    def access(self) -> DatabaseAccess:
        """Which database, and as whom."""
        return DatabaseAccess(self.db_name, self.db_ca_bundle, self.db_auth, self.db_user, self.db_secret_arn)

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base, login = read_base(reader), read_login(reader)
        reader.finish()
        return cls(**base, **login)


def read_login(reader: EnvironmentReader) -> LoginFields:
    """Read where the primary is, and how to log in to it."""
    database = read_database(reader)
    db_user = reader.text("DB_USER", pattern=NAME_PATTERN, allowed=ALLOWED_NAME)
    db_auth = reader.choice("DB_AUTH", tuple(Authentication))
    return LoginFields(
        **database,
        db_user=db_user,
        db_auth=Authentication(db_auth) if db_auth in tuple(Authentication) else Authentication.IAM,
        db_secret_arn=read_secret_arn(
            reader, "DB_SECRET_ARN", needed_with="DB_AUTH", is_required=db_auth == Authentication.SECRET
        ),
    )

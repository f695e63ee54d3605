"""Settings of request_database_setup."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.runtime.settings.base import BaseSettings, read_base
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDatabaseSetupSettings(BaseSettings):
    """Settings of the function that has the database set up.

    Args:
        set_up_function_name: The function that does it, inside the VPC.
    """

    set_up_function_name: str

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        set_up_function_name = reader.text(
            "SET_UP_FUNCTION_NAME",
            pattern=r"[A-Za-z0-9_-]{1,64}",
            allowed="the name of a function: 1 to 64 letters, digits, hyphens and underscores",
        )
        reader.finish()
        return cls(**base, set_up_function_name=set_up_function_name)

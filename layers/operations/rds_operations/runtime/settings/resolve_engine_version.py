"""Settings of resolve_engine_version."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rds_operations.runtime.settings.base import BaseSettings, read_base
from rds_operations.runtime.settings.reader import EnvironmentReader


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveEngineVersionSettings(BaseSettings):
    """Settings of the function that finds the engine version; none beyond those of every function."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable is missing or wrong; all of them are named.
        """
        reader = EnvironmentReader(variables)
        base = read_base(reader)
        reader.finish()
        return cls(**base)

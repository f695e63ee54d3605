"""What the local AWS's process is told by whoever starts it, through its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ROOT = "LANGPONT_LOCAL_ROOT"
_PYTHON = "LANGPONT_LAMBDA_PYTHON"


@dataclass(frozen=True, slots=True)
class LauncherSettings:
    """Settings of the launcher.

    Args:
        root: The environment's root directory, where the embedded cluster's data is.
        lambda_python: The interpreter that functions run on.
    """

    root: Path
    lambda_python: Path

    def variables(self) -> dict[str, str]:
        """Return the settings as environment variables."""
        return {_ROOT: str(self.root), _PYTHON: str(self.lambda_python)}

    @classmethod
    def from_env(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of this process."""
        return cls(Path(variables[_ROOT]), Path(variables[_PYTHON]))

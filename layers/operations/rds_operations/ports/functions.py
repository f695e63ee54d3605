"""What the use cases need of other functions."""

from collections.abc import Mapping
from typing import Protocol


class Functions(Protocol):
    """Invokes functions."""

    def invoke(self, function_name: str, event: Mapping[str, object]) -> Mapping[str, object]:
        """Return what the function answers.

        Raises:
            OperationsError: it could not be invoked, or failed: see domain/invocations.
        """

"""The errors of the kit, named by what the caller does next.

```
OperationsError
├── ConfigurationError    a setting is wrong: fix it, a retry changes nothing
│   └── MalformedQueryError   (domain/metric_headers) a query file is
├── InvalidEventError     what came in cannot be understood: fix the sender
├── RetryableError        the world was not ready: let the platform retry, then dead-letter
├── RefusedError          a rule, a right or a quota forbids it: a person decides
│   ├── NotFoundError
│   └── AlreadyExistsError
├── QueryFailedError      (domain/metrics) one query gave nothing, the others can go on
└── PartialFailureError   some items of a batch failed, the others were handled
```
"""

from collections.abc import Sequence


class OperationsError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigurationError(OperationsError):
    """A setting is missing or wrong; the message names the variable, its value and what is allowed."""


class InvalidEventError(OperationsError):
    """An event cannot be understood; the message names the field and what is allowed."""


class RetryableError(OperationsError):
    """The call may succeed later: throttled, unreachable, or a resource is in a passing state."""


class RefusedError(OperationsError):
    """The call will not succeed by repeating it: denied, over a quota, or against a rule."""


class NotFoundError(RefusedError):
    """The resource that was named does not exist."""


class AlreadyExistsError(RefusedError):
    """A resource of that name exists already."""


class PartialFailureError(OperationsError):
    """Some items of a batch failed after all of them were tried.

    Args:
        what: The batch in words, for the message.
        failures: One sentence per failed item.
    """

    def __init__(self, what: str, failures: Sequence[str]) -> None:
        super().__init__(f"{len(failures)} of {what} failed: {'; '.join(failures)}")
        self.failures = tuple(failures)

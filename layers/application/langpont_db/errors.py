"""The errors of this package, by what the caller does next.

```
DatabaseError
├── ConfigurationError           settings, a URL or what it leads to is wrong: fix it; raised at start
├── TransactionOutcomeUnknown    the connection was lost while a commit was under way: look before doing it again
├── PoolExhaustedError           more work at once than the pool lets through: do less, or enlarge the pool
└── TransientError               nothing was committed: do the whole transaction again, as run_in_transaction does
    ├── ConnectionLostError      the server went away, answers no more, or takes no writes
    ├── UnreachableError         no connection could be made
    └── RetriesExhaustedError    run_in_transaction did it again until its deadline; its cause says why it failed
```

What the server refuses for a reason of its own (a constraint, a syntax error) stays SQLAlchemy's error. No message
holds a password or a token.
"""


class DatabaseError(Exception):
    """Base of every error that this package raises on purpose."""


class ConfigurationError(DatabaseError):
    """The message names the variable or URL, what it has, and what is allowed."""


class TransactionOutcomeUnknown(DatabaseError):  # noqa: N818 (applications know it by this name)
    """The transaction is committed or not, and nobody can tell from here: only a look at the data can."""


class PoolExhaustedError(DatabaseError):
    """No connection became free in time; the message names the pool and its size."""


class TransientError(DatabaseError):
    """Nothing was committed; the same work may succeed in a moment."""


class ConnectionLostError(TransientError):
    """The connection ended, or its server is no longer what it was; the whole pool was dropped with it."""


class UnreachableError(TransientError):
    """Nobody answers at a URL, or the server takes no connections now."""


class RetriesExhaustedError(TransientError):
    """The deadline passed; the message says after how many attempts, and how the last one ended."""

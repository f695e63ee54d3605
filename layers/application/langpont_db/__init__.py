"""SQLAlchemy sessions for a PostgreSQL primary and its replicas on Amazon RDS.

Reads go to replicas and are never stale for the user who wrote; connections survive a failover; nothing is applied
twice.

```python
from langpont_db import Database

database = Database.from_env()
with database.request(token=None) as request:
    with database.get_write_session() as session:
        session.add(Translation(...))
    with database.get_read_session() as session:
        session.scalars(select(Translation)).all()
    request.token  # carry it to the user's next request
```
"""

from langpont_db.async_database import AsyncDatabase
from langpont_db.database import Database
from langpont_db.errors import (
    ConfigurationError,
    ConnectionLostError,
    DatabaseError,
    PoolExhaustedError,
    RetriesExhaustedError,
    TransactionOutcomeUnknown,
    TransientError,
    UnreachableError,
)
from langpont_db.events import Event
from langpont_db.settings import PoolSize, Settings

__all__ = [
    "AsyncDatabase",
    "ConfigurationError",
    "ConnectionLostError",
    "Database",
    "DatabaseError",
    "Event",
    "PoolExhaustedError",
    "PoolSize",
    "RetriesExhaustedError",
    "Settings",
    "TransactionOutcomeUnknown",
    "TransientError",
    "UnreachableError",
]

"""The errors of a query among others: apart from what metrics are, because whoever connects needs only these."""

from rds_operations.domain.errors import OperationsError


class QueryFailedError(OperationsError):
    """A query gave no usable result; the others can go on."""


class ConnectionLostError(QueryFailedError):
    """A query lost the connection, and there is a new one, perhaps to another server."""

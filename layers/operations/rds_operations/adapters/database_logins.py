"""Chooses how a function logs in to the database."""

from collections.abc import Callable

from rds_operations.adapters.secrets import SecretLogin
from rds_operations.adapters.token_login import TokenLogin
from rds_operations.domain.databases import Authentication, DatabaseEndpoint, LoginSource
from rds_operations.domain.signing import SigningIdentity


def login_source(
    authentication: Authentication,
    *,
    endpoint: DatabaseEndpoint,
    user: str,
    secret_arn: str,
    identity: Callable[[], SigningIdentity],
) -> LoginSource:
    """Return where a login comes from.

    Args:
        authentication: By token or by secret.
        endpoint: Where a token is good for.
        user: The role of a token; a secret names its own.
        secret_arn: The secret; ignored with a token.
        identity: Returns who signs a token; not asked with a secret.
    """
    if authentication is Authentication.SECRET:
        return SecretLogin(secret_arn)
    return TokenLogin(endpoint, user, identity)

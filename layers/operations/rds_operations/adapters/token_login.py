"""Logs in to the database with tokens that the function signs itself."""

from collections.abc import Callable

from rds_operations.domain.databases import DatabaseEndpoint, DatabaseLogin
from rds_operations.domain.signing import SigningIdentity
from rds_postgres.tokens import SigningCredentials, sign_token


class TokenLogin:
    """A `LoginSource` that signs a new token for each connection.

    Args:
        endpoint: Where the token is good for.
        user: The database role.
        identity: Returns who signs.
    """

    def __init__(self, endpoint: DatabaseEndpoint, user: str, identity: Callable[[], SigningIdentity]) -> None:
        self._endpoint = endpoint
        self._user = user
        self._identity = identity

    def __call__(self) -> DatabaseLogin:
        """Return the role with a token that opens connections for 15 minutes."""
        signer = self._identity()
        token = sign_token(
            host=self._endpoint.host,
            port=self._endpoint.port,
            user=self._user,
            region=signer.region,
            credentials=SigningCredentials(
                signer.access_key_id, signer.secret_access_key, signer.session_token or None
            ),
        )
        return DatabaseLogin(self._user, token)

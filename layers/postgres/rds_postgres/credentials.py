"""Finds the AWS credentials of whoever runs this where botocore does: environment, profile, container, instance."""

from collections.abc import Callable
from functools import cache

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from rds_postgres.errors import AuthenticationFailedError, UnreachableError
from rds_postgres.tokens import SigningCredentials


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


def find_credentials() -> SigningCredentials:
    """Return credentials that are good now; temporary ones are renewed before they expire.

    Raises:
        AuthenticationFailedError: there are none.
    """
    found = _session().get_credentials()
    frozen = found.get_frozen_credentials() if found else None
    if not (frozen and frozen.access_key and frozen.secret_key):
        raise AuthenticationFailedError("no AWS credentials were found to sign a token with")
    return SigningCredentials(access_key=frozen.access_key, secret_key=frozen.secret_key, token=frozen.token)


def fetch_credentials(fetch: Callable[[], SigningCredentials]) -> SigningCredentials:
    """Return what a source of credentials has now; its metadata, STS or SSO are servers, too.

    Args:
        fetch: `find_credentials`, or a source of one's own that is made with botocore.

    Raises:
        AuthenticationFailedError: there are none.
        UnreachableError: they cannot be fetched now; the message is botocore's, which holds none of them.
    """
    try:
        return fetch()
    # botocore raises a bare RuntimeError for credentials that were renewed and are expired still.
    except (BotoCoreError, ClientError, OSError, RuntimeError) as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise UnreachableError(f"AWS credentials cannot be fetched: {words}") from error

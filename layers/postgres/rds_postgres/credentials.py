"""Finds the AWS credentials of whoever runs this where botocore does: environment, profile, container, instance."""

from functools import cache

import botocore.session

from rds_postgres.errors import AuthenticationFailedError
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

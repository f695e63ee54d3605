"""What Lambda itself puts into a function's environment: its region and its role's credentials.

They are no settings: no template sets them.
"""

from collections.abc import Mapping

from rds_operations.domain.signing import SigningIdentity
from rds_operations.runtime.settings.reader import EnvironmentReader

# Whatever is there; a complaint shows a value, so that only an empty one may be complained of.
_ANYTHING = r"(?s:.+)"


def signing_identity(variables: Mapping[str, str] | None = None) -> SigningIdentity:
    """Return who signs tokens for this function.

    Raises:
        ConfigurationError: the process does not run in Lambda, or in nothing that sets what Lambda sets.
    """
    reader = EnvironmentReader(variables)
    identity = SigningIdentity(
        region=reader.text("AWS_REGION", pattern=r"[a-z0-9-]+", allowed="a region"),
        access_key_id=reader.text("AWS_ACCESS_KEY_ID", pattern=_ANYTHING, allowed="the id of an access key"),
        secret_access_key=reader.text("AWS_SECRET_ACCESS_KEY", pattern=_ANYTHING, allowed="a secret access key"),
        session_token=reader.text("AWS_SESSION_TOKEN", pattern=_ANYTHING, allowed="a session token", default=""),
    )
    reader.finish()
    return identity

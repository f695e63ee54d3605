"""Signs in with IAM: a token for each connection, because one opens connections for 15 minutes only."""

from sqlalchemy.engine import URL

from langpont_db.errors import ConfigurationError
from langpont_db.settings import Settings

try:
    from rds_postgres.credentials import fetch_credentials, find_credentials
    from rds_postgres.tokens import sign_token
except ImportError as error:  # botocore is an extra: whoever logs in with passwords does without
    _missing: ImportError | None = error
else:
    _missing = None


def fresh_token(url: URL, settings: Settings) -> str:
    """Return a token for the URL's role, good for new connections now.

    Args:
        url: The server; its host is the endpoint as RDS names it.
        settings: Region and credentials.

    Raises:
        ConfigurationError: botocore is not installed.
        AuthenticationFailedError: there are no credentials.
        UnreachableError: credentials cannot be fetched now.
    """
    if _missing is not None:
        raise ConfigurationError(
            "login is iam, which needs botocore: install it, or langpont-db with its extra iam"
        ) from _missing
    return sign_token(
        host=str(url.host),
        port=int(url.port or 0),
        user=str(url.username),
        region=str(settings.region),
        credentials=fetch_credentials(settings.credentials or find_credentials),
    )

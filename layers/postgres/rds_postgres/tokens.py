"""Signs the token that stands for a password where a role logs in by IAM."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials

# RDS user guide, "IAM database authentication": a token opens connections for 15 minutes; what is open stays open.
TOKEN_LIFETIME_SECONDS = 900
_SCHEME = "https://"


@dataclass(frozen=True, slots=True)
class SigningCredentials:
    """The AWS credentials of whoever logs in; the attributes are named as botocore's signer reads them.

    Args:
        access_key: The access key's id.
        secret_key: The secret access key.
        token: The session token of temporary credentials.
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def sign_token(*, host: str, port: int, user: str, region: str, credentials: SigningCredentials) -> str:
    """Return a token for one role on one endpoint, signed here: no call, no client, no session.

    botocore's own `generate_db_auth_token` signs the same, but wants a client, whose service model costs more time at
    a cold start than everything else in a function together.

    Args:
        host: The instance's endpoint as RDS names it; a name of one's own does not work.
        port: The endpoint's port.
        user: The database role, a member of `rds_iam`.
        region: The instance's region.
        credentials: They need `rds-db:connect` for the role.
    """
    request = AWSRequest(
        method="GET", url=f"{_SCHEME}{host}:{port}/", params={"Action": "connect", "DBUser": user}, headers={}
    )
    signer = SigV4QueryAuth(cast("ReadOnlyCredentials", credentials), "rds-db", region, expires=TOKEN_LIFETIME_SECONDS)
    signer.add_auth(request)
    return str(request.url).removeprefix(_SCHEME)

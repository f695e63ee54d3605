"""Who signs what AWS should believe."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """Who signs a token: the credentials that Lambda gave the function, and where.

    Args:
        region: The region of the function and the database.
        access_key_id: The access key's id.
        secret_access_key: The secret access key.
        session_token: The session token of temporary credentials; empty without.
    """

    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)

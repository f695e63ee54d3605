"""Signs the position that a user carries to the next request, in a cookie or a header."""

import hashlib
import re
import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer

from langpont_db.positions import Position

_SALT = b"langpont_db.position"
_PAYLOAD = re.compile(r"([0-9a-f]{1,16})-([0-9a-f]{1,8})-([0-9a-f]{1,16})")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says.

    Args:
        system: The database system's identifier: replicas have their primary's.
        position: What the user has written.
    """

    system: int
    position: Position


class TokenSigner:
    """Writes and reads tokens: letters, digits and `-._` only, about 80 characters.

    Args:
        key: The secret; None = one that this process alone knows, so that no other accepts its tokens.
    """

    def __init__(self, key: str | None) -> None:
        self._signer = Signer(key or secrets.token_hex(), salt=_SALT, digest_method=hashlib.sha256)

    def sign(self, claim: Claim) -> str:
        """Return the token for a claim."""
        position = claim.position
        return self._signer.sign(f"{claim.system:x}-{position.timeline:x}-{position.lsn:x}").decode()

    def read(self, token: str) -> Claim | None:
        """Return what a token claims; None when it was not signed with this key.

        Args:
            token: Whatever a browser sent.
        """
        try:
            payload = self._signer.unsign(token.encode()).decode("ascii")
        except (BadSignature, UnicodeError):
            return None
        match = _PAYLOAD.fullmatch(payload)
        if match is None:
            return None
        system, timeline, lsn = (int(part, 16) for part in match.groups())
        return Claim(system, Position(timeline, lsn))

"""What RDS takes for a tag (RDS API reference, Tag; RDS User Guide, "Tagging Amazon RDS resources")."""

import unicodedata
from collections.abc import Mapping
from itertools import islice

MAXIMUM_TAGS = 50
MAXIMUM_VALUE_CHARACTERS = 256
ALLOWED_VALUE = "1 to 256 letters, digits, blanks and _.:/=+-@, not beginning with aws: or rds:"

_RESERVED_PREFIXES = ("aws:", "rds:")
_PUNCTUATION = frozenset("_.:/=+-@")
_UNICODE_KINDS = frozenset("LNZ")


def is_tag_value(text: str) -> bool:
    """Return whether RDS takes the text as a tag's value, and a person can read it."""
    return (
        bool(text.strip())
        and len(text) <= MAXIMUM_VALUE_CHARACTERS
        and not text.lower().startswith(_RESERVED_PREFIXES)
        and all(character in _PUNCTUATION or unicodedata.category(character)[0] in _UNICODE_KINDS for character in text)
    )


def merged_tags(own: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """Return our own tags and as many inherited ones, in the order of their keys, as a resource can have.

    An inherited key that differs from one of ours by case alone is left out, because IAM compares the keys of tag
    conditions without case and matches only one of two such tags (IAM User Guide, "Condition operators and keys").

    Args:
        own: Tags that have to be there; they win.
        inherited: Tags of the resource that the new one is made of; reserved ones are left out.
    """
    taken = {key.lower() for key in own}
    free = (
        (key, value)
        for key, value in sorted(inherited.items())
        if key.lower() not in taken and not key.lower().startswith(_RESERVED_PREFIXES)
    )
    return {**dict(islice(free, MAXIMUM_TAGS - len(own))), **own}

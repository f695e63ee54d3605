"""Tags as RDS writes them, and as the domain reads them."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import TagTypeDef


def from_tag_list(tag_list: "Iterable[TagTypeDef]") -> dict[str, str]:
    """Return a mapping of keys to values; a tag without a value has an empty one."""
    return {tag["Key"]: tag.get("Value", "") for tag in tag_list if "Key" in tag}


def to_tag_list(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    """Return the tags as RDS takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]

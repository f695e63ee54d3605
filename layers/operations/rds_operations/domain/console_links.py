"""Addresses of AWS console pages, by partition and region: a hard-coded domain is wrong in China and GovCloud."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

_ARN_PARTS = 6
_HOMES = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-cn": "https://console.amazonaws.cn",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
}
_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource lives.

    Args:
        partition: `aws`, `aws-cn` or `aws-us-gov`; another one has no links, for want of a documented address.
        region: The region's code, e.g. `ap-northeast-1`.
    """

    partition: str
    region: str

    @classmethod
    def of_arn(cls, arn: str) -> Self | None:
        """Return the place that an ARN names, or None where the text is no ARN of a region."""
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS or parts[0] != "arn" or not parts[3]:
            return None
        return cls(parts[1], parts[3])

    @classmethod
    def of_region(cls, region: str) -> Self:
        """Return the place of a region's code; the code's prefix tells the partition."""
        prefixes = (prefix for prefix in _PARTITIONS if region.startswith(prefix + "-"))
        return cls(_PARTITIONS.get(next(prefixes, ""), "aws"), region)

    def instance_link(self, identifier: str) -> dict[str, str]:
        """Return the console page of a DB instance under the name `instance`; nothing in an unknown partition."""
        return self._link("instance", "rds", f"database:id={quote(identifier, safe='')};is-cluster=false")

    def alarm_link(self, name: str) -> dict[str, str]:
        """Return the console page of a CloudWatch alarm under the name `alarm`; nothing in an unknown partition."""
        return self._link("alarm", "cloudwatch", f"alarmsV2:alarm/{quote(name, safe='')}")

    def _link(self, name: str, service: str, page: str) -> dict[str, str]:
        home = _HOMES.get(self.partition)
        if home is None:
            return {}
        return {name: f"{home.format(region=self.region)}/{service}/home?region={self.region}#{page}"}

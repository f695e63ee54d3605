"""Where an environment is: AWS with the credentials of the surroundings, or the embedded AWS of this checkout."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployment.errors import DeploymentError, RefusedError
from deployment.samconfig import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client

ENVIRONMENT_FILE = Path(".local", "environment.json")
_LOCAL_FIELDS = {"AWS_ENDPOINT_URL": "endpoint_url", "AWS_ACCESS_KEY_ID": "aws_access_key_id"} | {
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key"
}
_QUICK_SECONDS, _POLITE_SECONDS = 0.3, 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a region, and how to reach them.

    Args:
        session: Whose credentials, in which region.
        endpoint_url: Where the embedded AWS answers; None for AWS.
        variables: What `sam` needs beyond the surroundings to reach the same place.
        poll_seconds: The pause between two questions while something is under way.
    """

    session: boto3.Session
    endpoint_url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    poll_seconds: float = _POLITE_SECONDS

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """Return a client of CloudFormation."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint_url, config=self._configuration())

    @property
    def rds(self) -> "RDSClient":
        """Return a client of RDS."""
        return self.session.client("rds", endpoint_url=self.endpoint_url, config=self._configuration())

    @property
    def s3(self) -> "S3Client":
        """Return a client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=self._configuration())

    def account_id(self) -> str:
        """Return the account that the credentials belong to.

        Raises:
            DeploymentError: there are no credentials, or they are not valid.
        """
        sts = self.session.client("sts", endpoint_url=self.endpoint_url, config=self._configuration())
        try:
            return sts.get_caller_identity()["Account"]
        except (BotoCoreError, ClientError) as error:
            raise DeploymentError(
                f"no account answers to your credentials: {error}; set AWS_PROFILE or log in"
            ) from error

    def _configuration(self) -> Config:
        # The embedded AWS is on this machine, where no proxy leads.
        retries = {"mode": "standard", "total_max_attempts": 8} if self.endpoint_url is None else {}
        return Config(retries=retries, proxies=None if self.endpoint_url is None else {})  # type: ignore[arg-type]


def find_place(target: Target, root: Path, surroundings: Mapping[str, str] = os.environ) -> Place:
    """Return where an environment is.

    Args:
        target: Which environment.
        root: The checkout, whose embedded environment `local` is.
        surroundings: Environment variables; AWS_ENDPOINT_URL in them leads `local` to another embedded AWS.

    Raises:
        DeploymentError: the embedded environment is not up, or the surroundings name credentials that do not exist.
    """
    variables = _embedded(root, surroundings) if target.is_local else {}
    try:
        if not variables:
            return Place(boto3.Session(region_name=target.region))
        session = embedded_session(
            variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region=target.region
        )
    except BotoCoreError as error:
        raise DeploymentError(f"there are no credentials for {target.environment}: {error}") from error
    return Place(session, variables["AWS_ENDPOINT_URL"], variables, _QUICK_SECONDS)


def embedded_session(access_key_id: str, secret_access_key: str, *, region: str) -> boto3.Session:
    """Return a session with these credentials, whatever profile the surroundings name, even one that does not exist.

    Args:
        access_key_id: The embedded AWS's.
        secret_access_key: The same.
        region: The region.
    """
    core = botocore.session.Session({"profile": (None, [], None, None)})
    return boto3.Session(access_key_id, secret_access_key, region_name=region, botocore_session=core)


def check_account(target: Target, place: Place, expected: str = "") -> str:
    """Return the account that would be changed, if it is the right one.

    Args:
        target: The environment; samconfig.toml may name its account.
        place: Where the credentials lead.
        expected: The account that the caller expects, which goes before samconfig.toml's.

    Raises:
        RefusedError: the credentials belong to another account.
        DeploymentError: there are no usable credentials.
    """
    wanted, found = expected or target.account_id, place.account_id()
    if wanted and found != wanted:
        raise RefusedError(
            f"{target.environment} belongs to account {wanted}, and your credentials to {found}: use those of {wanted}"
        )
    return found


def _embedded(root: Path, surroundings: Mapping[str, str]) -> dict[str, str]:
    if surroundings.get("AWS_ENDPOINT_URL"):
        found = {name: surroundings.get(name, "") for name in _LOCAL_FIELDS}
    else:
        found = _described(root / ENVIRONMENT_FILE)
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise DeploymentError(f"the embedded AWS is named without {', '.join(missing)}")
    return {**found, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _described(file: Path) -> dict[str, str]:
    try:
        described = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(described[key]) for name, key in _LOCAL_FIELDS.items()}
    except FileNotFoundError as error:
        raise DeploymentError("the embedded environment is not up; start it with `make up`") from error
    except (ValueError, KeyError) as error:
        raise DeploymentError(f"{file} is of another version; run `make down`, then `make up`") from error

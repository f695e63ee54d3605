"""Starts the local AWS and makes clients of it."""

import os
import secrets
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config

from local.aws.launcher_settings import LauncherSettings
from local.checkout import Checkout
from local.errors import LocalError
from local.free_ports import LOOPBACK, find_free_ports
from local.processes import Processes
from local.waiting import last_value

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

PROCESS = "local-aws"
_WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
REGION = "ap-northeast-1"
START_DEADLINE_SECONDS = 60.0
ASYNC_RETRY_SECONDS = 2  # Lambda waits one minute, then two: nobody wants to watch that.


@dataclass(frozen=True, slots=True)
class LocalAws:
    """Where the local AWS is and who may do everything there."""

    endpoint_url: str
    access_key_id: str
    secret_access_key: str = field(repr=False)

    def variables(self) -> dict[str, str]:
        """Return the environment variables that lead the SDKs and `sam` here and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @property
    def rds(self) -> "RDSClient":
        """Return a client of RDS."""
        return _session(self).client("rds", endpoint_url=self.endpoint_url)

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """Return a client of CloudFormation."""
        return _session(self).client("cloudformation", endpoint_url=self.endpoint_url)

    @property
    def cloudwatch(self) -> "CloudWatchClient":
        """Return a client of CloudWatch."""
        return _session(self).client("cloudwatch", endpoint_url=self.endpoint_url)

    @property
    def logs(self) -> "CloudWatchLogsClient":
        """Return a client of CloudWatch Logs."""
        return _session(self).client("logs", endpoint_url=self.endpoint_url)

    @property
    def functions(self) -> "LambdaClient":
        """Return a client of Lambda."""
        return _session(self).client("lambda", endpoint_url=self.endpoint_url)

    @property
    def secrets(self) -> "SecretsManagerClient":
        """Return a client of Secrets Manager."""
        return _session(self).client("secretsmanager", endpoint_url=self.endpoint_url)

    @property
    def sns(self) -> "SNSClient":
        """Return a client of SNS."""
        return _session(self).client("sns", endpoint_url=self.endpoint_url)

    @property
    def sqs(self) -> "SQSClient":
        """Return a client of SQS."""
        return _session(self).client("sqs", endpoint_url=self.endpoint_url)


@cache
def _session(aws: LocalAws) -> boto3.Session:
    """Return a session with these credentials, whatever the surroundings say; making one costs a tenth of a second."""
    # Without a profile: the user's, which may not even exist, has nothing to say here.
    core = botocore.session.Session({"profile": (None, [], None, None)})
    core.set_default_client_config(Config(proxies={}))
    return boto3.Session(aws.access_key_id, aws.secret_access_key, region_name=REGION, botocore_session=core)


def start(checkout: Checkout, processes: Processes) -> LocalAws:
    """Start the local AWS on a free port and return it when it answers.

    Raises:
        LocalError: it ended, or did not answer in time; the message names its log.
    """
    (port,) = find_free_ports(1)
    aws = LocalAws(f"http://{LOOPBACK}:{port}", f"LOCAL{secrets.token_hex(8).upper()}", secrets.token_urlsafe(24))
    command = [sys.executable, "-m", "local.aws.launcher"]
    processes.start(PROCESS, command, environment=_variables(checkout, aws, port))
    last_value(
        lambda: answers(aws) or not processes.is_alive(PROCESS),
        deadline_seconds=START_DEADLINE_SECONDS,
        poll_seconds=0.1,
    )
    if not answers(aws):
        ended = "does not answer" if processes.is_alive(PROCESS) else "ended"
        last_words = processes.last_words(PROCESS)
        raise LocalError(f"the local AWS {ended}: {last_words} (log: {processes.log_file(PROCESS)})")
    return aws


def answers(aws: LocalAws) -> bool:
    """Tell whether the local AWS takes requests."""
    try:
        with _WITHOUT_PROXY.open(f"{aws.endpoint_url}/_ministack/health", timeout=2) as response:
            return bool(response.status == 200)  # noqa: PLR2004  HTTP's word for yes
    except (urllib.error.URLError, OSError):
        return False


def _variables(checkout: Checkout, aws: LocalAws, port: int) -> Mapping[str, str]:
    state = checkout.local / "aws"
    temporary = checkout.local / "tmp"
    for folder in (state, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        **{name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ},
        **{name: value for name, value in aws.variables().items() if name != "AWS_ENDPOINT_URL"},
        **LauncherSettings(checkout.local, checkout.lambda_python).variables(),
        **_emulator_settings(state, port),
        "HOME": str(state),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(checkout.root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _emulator_settings(state: Path, port: int) -> dict[str, str]:
    return {
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        # Or it listens on all interfaces for MQTT, whatever BIND_HOST says.
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": str(ASYNC_RETRY_SECONDS),
        "MINISTACK_REGION": REGION,
        "S3_DATA_DIR": str(state / "s3"),
        "STATE_DIR": str(state / "state"),
    }

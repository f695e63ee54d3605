"""Builds the application with `sam build` and deploys it with `sam deploy` onto the local AWS."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from deployment.bytecode import compile_layers
from deployment.errors import DeploymentError
from deployment.events import first_failure, read_all_events
from deployment.sam import machine_architecture, run_program
from deployment.samconfig import FILE, LOCAL, Target, read_target
from local.aws.server import LocalAws
from local.checkout import Checkout
from local.errors import LocalError
from local.free_ports import LOOPBACK
from local.processes import Processes

DEADLINE_SECONDS = 600
_EARLIER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack: its name and its outputs."""

    stack_name: str
    outputs: Mapping[str, str]


def build(checkout: Checkout) -> Path:
    """Run `sam build` for this machine's architecture, compile the layers and return the log.

    Raises:
        LocalError: the build failed; the message holds its last line and names the log.
    """
    log = _sam(checkout, "build", ["--parameter-overrides", f"Architecture={machine_architecture()}"], {})
    try:
        compile_layers(checkout.root)
    except DeploymentError as error:
        raise LocalError(str(error)) from error
    return log


def deploy(checkout: Checkout, aws: LocalAws, ca_bundle: Path) -> Deployment:
    """Run `sam deploy --config-env local` and return the stack.

    Args:
        checkout: What to deploy; `build` has been run.
        aws: Where to.
        ca_bundle: The authority of the embedded cluster's certificates.

    Raises:
        LocalError: the deployment failed; the message holds its last line and names the log.
    """
    target = _target(checkout)
    overrides = {
        **target.parameters,
        "Architecture": machine_architecture(),
        "DatabaseHostAddress": LOOPBACK,
        "DatabaseCaBundle": str(ca_bundle),
    }
    quoted = [f'{name}="{value}"' for name, value in overrides.items()]
    began = datetime.now(UTC)
    try:
        _sam(checkout, "deploy", ["--parameter-overrides", *quoted], aws.variables())
    except LocalError as error:
        raise LocalError(f"{_failed_resource(aws, target.stack_name, began)}{error}") from error
    return describe(aws, target.stack_name)


def _failed_resource(aws: LocalAws, name: str, began: datetime) -> str:
    """Return which resource failed first, and why, or nothing where none did."""
    try:
        failure = first_failure(read_all_events(aws.cloudformation, name, began - _EARLIER))
    except ClientError:
        # It came to no stack.
        return ""
    return f"{failure.logical_id}: {failure.reason}; " if failure else ""


def describe(aws: LocalAws, name: str) -> Deployment:
    """Return the stack as CloudFormation describes it."""
    (stack,) = aws.cloudformation.describe_stacks(StackName=name)["Stacks"]
    return Deployment(name, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})


def stack_name(checkout: Checkout) -> str:
    """Return the name that samconfig.toml gives the local stack."""
    return _target(checkout).stack_name


def _target(checkout: Checkout) -> Target:
    """Return what samconfig.toml says, for `sam` leaves its overrides out where the command line has some."""
    return read_target(checkout.root / FILE, LOCAL)


def _sam(checkout: Checkout, command: str, arguments: Sequence[str], variables: Mapping[str, str]) -> Path:
    log = checkout.logs / f"sam-{command}.log"
    try:
        run_program(
            [checkout.programs / "sam", command, "--config-env", LOCAL, *arguments],
            folder=checkout.root,
            environment={**_sam_environment(checkout), **variables},
            log=log,
            deadline_seconds=DEADLINE_SECONDS,
        )
    except DeploymentError as error:
        raise LocalError(str(error)) from error
    return log


def _sam_environment(checkout: Checkout) -> dict[str, str]:
    """`sam` finds Python 3.13 first on the path, writes its own data under the checkout, and calls nobody."""
    own = checkout.local / "sam"
    own.mkdir(parents=True, exist_ok=True)
    (own / "metadata.json").write_text(json.dumps({"lastVersionCheck": time.time(), "telemetryEnabled": False}))
    temporary = checkout.local / "tmp"
    temporary.mkdir(exist_ok=True)
    unproxied = ",".join(filter(None, [os.environ.get("NO_PROXY"), LOOPBACK]))
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **Processes(checkout.local).mark("sam"),
        "NO_PROXY": unproxied,
        "no_proxy": unproxied,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_CACHE_DIR": str(checkout.root / ".venv" / "pip-cache"),
        "TMPDIR": str(temporary),
        "PATH": os.pathsep.join([str(checkout.programs), os.environ.get("PATH", "")]),
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(own),
    }

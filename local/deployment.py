"""Builds the application with `sam build` and deploys it with `sam deploy` onto the local AWS."""

import json
import os
import platform
import signal
import subprocess
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.aws.server import LocalAws
from local.checkout import Checkout
from local.errors import LocalError
from local.free_ports import LOOPBACK
from local.processes import Processes

CONFIGURATION = "local"
DEADLINE_SECONDS = 600
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed stack: its name and its outputs."""

    stack_name: str
    outputs: Mapping[str, str]


def build(checkout: Checkout) -> Path:
    """Run `sam build` for this machine's architecture and return its log.

    Raises:
        LocalError: the build failed; the message holds its last line and names the log.
    """
    return _sam(checkout, "build", ["--parameter-overrides", f"Architecture={architecture()}"], {})


def deploy(checkout: Checkout, aws: LocalAws, ca_bundle: Path) -> Deployment:
    """Run `sam deploy --config-env local` and return the stack.

    Args:
        checkout: What to deploy; `build` has been run.
        aws: Where to.
        ca_bundle: The authority of the embedded cluster's certificates.

    Raises:
        LocalError: the deployment failed; the message holds its last line and names the log.
    """
    overrides = [
        *_configured_overrides(checkout),
        f"Architecture={architecture()}",
        f"DatabaseHostAddress={LOOPBACK}",
        f"DatabaseCaBundle={ca_bundle}",
    ]
    name = stack_name(checkout)
    quoted = [f'{name}="{value}"' for name, value in (override.split("=", 1) for override in overrides)]
    try:
        _sam(checkout, "deploy", ["--parameter-overrides", *quoted], aws.variables())
    except LocalError as error:
        raise LocalError(f"{_failed_resource(aws, name)}{error}") from error
    return describe(aws, name)


def _failed_resource(aws: LocalAws, name: str) -> str:
    """Return which resource failed first, and why, or nothing where none did."""
    stacks = [stack["StackName"] for stack in aws.cloudformation.describe_stacks()["Stacks"]]
    events = [
        event
        for stack in stacks
        if stack.startswith(name)
        for event in aws.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        if event.get("ResourceStatus", "").endswith("_FAILED") and event.get("ResourceStatusReason")
    ]
    first = min(events, key=lambda event: event["Timestamp"], default=None)
    return f"{first['LogicalResourceId']}: {first['ResourceStatusReason']}; " if first else ""


def describe(aws: LocalAws, name: str) -> Deployment:
    """Return the stack as CloudFormation describes it."""
    (stack,) = aws.cloudformation.describe_stacks(StackName=name)["Stacks"]
    return Deployment(name, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})


def stack_name(checkout: Checkout) -> str:
    """Return the name that samconfig.toml gives the local stack."""
    return str(_configuration(checkout)["global"]["parameters"]["stack_name"])


def architecture() -> str:
    """Return this machine's processor architecture as Lambda names it.

    Raises:
        LocalError: Lambda has no such architecture.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise LocalError(f"this machine is {machine}; the functions' layers exist for {', '.join(_ARCHITECTURES)}")
    return _ARCHITECTURES[machine]


def _configuration(checkout: Checkout) -> dict[str, dict[str, dict[str, str]]]:
    configuration: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
        (checkout.root / "samconfig.toml").read_text(encoding="utf-8")
    )[CONFIGURATION]
    return configuration


def _configured_overrides(checkout: Checkout) -> Sequence[str]:
    """`sam` replaces the configured overrides by those on the command line, so they are passed on."""
    return _configuration(checkout)["deploy"]["parameters"]["parameter_overrides"]


def _sam(checkout: Checkout, command: str, arguments: Sequence[str], variables: Mapping[str, str]) -> Path:
    log = checkout.logs / f"sam-{command}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [checkout.programs / "sam", command, "--config-env", CONFIGURATION, *arguments],
            cwd=checkout.root,
            env={**_sam_environment(checkout), **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status = _ended(process, command)
    if status:
        lines = [line.strip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
        raise LocalError(f"sam {command} failed: {_cause(lines)} (log: {log})")
    return log


def _ended(process: subprocess.Popen[bytes], command: str) -> int:
    """Return the exit status; whatever ends the waiting ends `sam` and its children, too."""
    try:
        return process.wait(DEADLINE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise LocalError(f"sam {command} did not end within {DEADLINE_SECONDS} s") from error
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _cause(lines: Sequence[str]) -> str:
    """Return the line that says most: what failed, else the last one."""
    telling = [line for line in lines if "failed:" in line or line.startswith("Error")]
    return (telling or list(lines) or ["it printed nothing"])[-1]


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

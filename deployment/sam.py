"""Runs SAM's commands, as they are run by hand, and tells a failure in one line."""

import os
import platform
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deployment.errors import DeploymentError

DEADLINE_SECONDS = 900
_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def run_program(
    command: Sequence[str | Path], *, folder: Path, environment: Mapping[str, str], log: Path, deadline_seconds: float
) -> None:
    """Run a program to its end, what it prints into a log.

    Args:
        command: The program and its arguments; the errors call it by the first two words.
        folder: Where it runs.
        environment: All of its environment.
        log: Where its output goes.
        deadline_seconds: How long it may take.

    Raises:
        DeploymentError: it failed, or did not end in time; the message holds its most telling line and names the log.
    """
    name = " ".join([Path(command[0]).name, *map(str, command[1:2])])
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status = _ended(process, name, deadline_seconds)
    if status:
        lines = [line.strip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
        raise DeploymentError(f"{name} failed: {cause(lines)} (log: {log})")


def cause(lines: Sequence[str]) -> str:
    """Return the line of a log that says most: what failed, else the last one."""
    telling = [line for line in lines if "failed:" in line or line.startswith(("Error", "E0", "E1", "E2", "E3"))]
    return (telling or list(lines) or ["it printed nothing"])[-1]


def quiet_environment(programs: Path, surroundings: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return an environment in which `sam` finds this project's Python first, and reports to nobody."""
    return {
        **surroundings,
        "PATH": os.pathsep.join([str(programs), surroundings.get("PATH", "")]),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "SAM_CLI_TELEMETRY": "0",
    }


def machine_architecture() -> str:
    """Return this machine's processor architecture as Lambda names it.

    Raises:
        DeploymentError: Lambda has no such architecture.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise DeploymentError(f"this machine is {machine}; the functions' layers exist for {', '.join(_ARCHITECTURES)}")
    return _ARCHITECTURES[machine]


def _ended(process: subprocess.Popen[bytes], name: str, deadline_seconds: float) -> int:
    """Return the exit status; whatever ends the waiting ends the program and its children, too."""
    try:
        return process.wait(deadline_seconds)
    except subprocess.TimeoutExpired as error:
        raise DeploymentError(f"{name} did not end within {deadline_seconds:g} s") from error
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

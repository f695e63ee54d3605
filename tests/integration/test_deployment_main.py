"""The commands as a person types them: a mistake is one line and status 1, and nothing is built before it is found."""

import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner, Result

from deployment import __main__ as commands
from deployment.errors import DeploymentError
from deployment.parameters import check_parameters
from deployment.place import Place
from deployment.sam import cause, run_program
from deployment.samconfig import Target, read_target
from deployment.validation import QUERIES, Validation, check_queries
from rds_operations.domain.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials, and nothing that could be built."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr("deployment.packaging.Workshop.run", _never)


def _never(*_: object, **__: object) -> None:
    raise AssertionError("built or packaged")


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.cli, list(arguments))


@pytest.mark.parametrize("command", ["diff", "deploy", "destroy"])
def test_wrong_environment_is_named_with_what_is_allowed(command: str) -> None:
    result = _run(command, "--env", "production")

    assert result.exit_code == 1
    assert result.stderr == (
        "error: there is no environment 'production' in samconfig.toml; known are local, dev, staging, prod\n"
    )


@pytest.mark.parametrize(
    ("command", "begins", "left"),
    [
        ("validate", "Validation", "nothing was deployed"),
        ("diff", "_reach", "nothing was deployed"),
        ("deploy", "_reach", "what CloudFormation has begun, it goes on with; run the command again to follow it"),
        ("destroy", "_reach", "what CloudFormation has begun, it goes on with; run the command again to follow it"),
    ],
)
def test_interrupted_command_says_what_is_left_of_it(
    command: str, begins: str, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, begins, interrupted)

    result = _run(command)

    assert (result.exit_code, result.stderr) == (130, f"interrupted: {left}\n")


@pytest.mark.parametrize("command", ["diff", "deploy", "destroy"])
def test_missing_credentials_are_one_line(command: str) -> None:
    result = _run(command, "--env", "dev")

    assert result.exit_code == 1
    assert result.stderr.startswith("error: no account answers to your credentials")
    assert result.stderr.count("\n") == 1


def test_parameters_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    result = _run("deploy", "--env", "dev", "--parameters", "MultiAZ")

    assert (result.exit_code, result.stderr) == (1, "error: 'MultiAZ' is no parameter; allowed: Name=value\n")


@pytest.mark.parametrize("command", ["diff", "deploy"])
@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ("MultiAZ=maybe", "the parameter MultiAZ is 'maybe', allowed: true, false"),
        ("MaxConnections=many", "the parameter MaxConnections is 'many', allowed: 20 to 5000 connections"),
        ("MaxConnections=19", "the parameter MaxConnections is '19', allowed: 20 to 5000 connections"),
        ("ReplicaLagLongSeconds=1e9", "the parameter ReplicaLagLongSeconds is '1e9', allowed: 301 to 86400 seconds"),
        (
            "DBInstanceClass=t3.medium",
            "the parameter DBInstanceClass is 't3.medium', allowed: A DB instance class such",
        ),
        ("StorageLowGiB=11", "the parameter StorageLowGiB is '11', allowed: 1, 2, 3, 4, 5, 6, 8, 10, 12, 15"),
        ("DBUsername=1;drop", "the parameter DBUsername is not shown here, allowed: "),
        ("MultiAz=true", "the template has no parameter MultiAz; it has ProjectName, Environment, "),
        ("MultiAZ=maybe MaxConnections=0", "allowed: true, false; the parameter MaxConnections is '0', allowed: "),
    ],
)
def test_wrong_parameter_is_named_before_anything_is_built_or_asked(
    command: str, parameters: str, complaint: str
) -> None:
    result = _run(command, "--env", "dev", "--parameters", parameters)

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert complaint in result.stderr


@pytest.mark.parametrize(
    ("zones", "are_allowed"), [("", True), ("eu-west-1a,eu-west-1b", True), ("eu-west-1a,b", False)]
)
def test_list_is_checked_item_by_item(zones: str, are_allowed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    with nullcontext() if are_allowed else pytest.raises(DeploymentError, match="AvailabilityZones is 'eu-west-1a,b'"):
        check_parameters(ROOT / "template.yaml", {"AvailabilityZones": zones})


@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod"])
def test_parameters_of_every_environment_are_the_templates(environment: str) -> None:
    check_parameters(ROOT / "template.yaml", read_target(ROOT / "samconfig.toml", environment).parameters)


def test_template_that_is_not_there_is_named() -> None:
    result = _run("deploy", "--env", "dev", "--template", "nowhere.json")

    assert (result.exit_code, result.stderr) == (1, "error: there is no template nowhere.json\n")


def test_every_query_file_of_this_project_is_right() -> None:
    check_queries(ROOT / QUERIES)


def test_malformed_query_file_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / QUERIES, tmp_path / QUERIES)
    (tmp_path / QUERIES / "requests.sql").write_text("-- unit: Counts\n\nSELECT 1 AS metric_value\n", encoding="utf-8")
    monkeypatch.setattr(Validation, "_run", lambda *_: None)
    said: list[str] = []

    with pytest.raises(
        DeploymentError, match=r"metric queries: .*requests.sql, line 1: unit is 'Counts', allowed: one of"
    ) as error:
        Validation(tmp_path, tmp_path, {}).run(said.append)

    assert "\n" not in str(error.value)
    assert "metric queries: right" not in said


def test_deployment_ends_where_the_validation_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise DeploymentError("metric queries: requests.sql, line 1: unit is missing")

    target, place = (
        Target("dev", "langpont-rds-dev", "ap-northeast-1"),
        Place(boto3.Session(region_name="ap-northeast-1")),
    )
    monkeypatch.setattr(commands, "_reach", lambda *_: (target, place))
    monkeypatch.setattr(Validation, "run", fail)

    result = _run("deploy", "--env", "dev")

    assert (result.exit_code, result.stderr) == (1, "error: metric queries: requests.sql, line 1: unit is missing\n")


def test_folder_without_queries_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no metric"):
        check_queries(tmp_path)


def test_every_check_that_failed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Validation, command: list[object], name: str) -> None:
        raise DeploymentError(f"{name} failed")

    monkeypatch.setattr(Validation, "_run", fail)

    with pytest.raises(DeploymentError, match=r"holds no metric.*cfn-lint failed.*sam-validate failed"):
        Validation(tmp_path, tmp_path, {}).run(lambda _: None)


def test_program_that_fails_is_told_by_its_most_telling_line(tmp_path: Path) -> None:
    script = "echo Building; echo 'Build Failed'; echo 'Error: no such layer'; echo done; exit 3"

    with pytest.raises(DeploymentError, match=r"sh -c failed: Error: no such layer \(log: .*build\.log\)"):
        _program(tmp_path, script)


def test_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="did not end within"):
        _program(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; wait", deadline_seconds=0.5)

    child = (tmp_path / "child").read_text(encoding="utf-8").strip()
    state = subprocess.run(["ps", "-o", "stat=", "-p", child], capture_output=True, text=True, check=False).stdout
    assert state.strip() in {"", "Z"}


def test_log_without_a_word_is_told_as_that() -> None:
    assert cause([]) == "it printed nothing"
    assert cause(["a", "b"]) == "b"


def _program(folder: Path, script: str, deadline_seconds: float = 30) -> None:
    run_program(
        ["/bin/sh", "-c", script],
        folder=folder,
        environment={"PATH": "/usr/bin:/bin"},
        log=folder / "build.log",
        deadline_seconds=deadline_seconds,
    )

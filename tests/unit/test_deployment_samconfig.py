"""samconfig.toml means the same to `make deploy` as to `sam deploy`."""

from pathlib import Path

import pytest

from deployment.change_sets import decide_parameters
from deployment.errors import DeploymentError
from deployment.samconfig import Target, parse_pairs, read_environments, read_target

ROOT = Path(__file__).parents[2]
WHOLE = """
version = 0.1
[default.global.parameters]
stack_name = "ignored"
[prod.global.parameters]
stack_name = "langpont-rds-prod"
region = "ap-northeast-1"
[prod.deploy.parameters]
capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
confirm_changeset = true
disable_rollback = true
parameter_overrides = ["Environment=prod", "SnapshotSchedule=rate(1 minute)"]
tags = "team=data cost=\\"our own\\""
role_arn = "arn:aws:iam::123456789012:role/deploy"
s3_bucket = "artefacts"
[prod.account.parameters]
id = "123456789012"
[bare.deploy.parameters]
capabilities = []
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "samconfig.toml"
    file.write_text(WHOLE, encoding="utf-8")
    return file


def test_environment_is_read_as_it_is_written(file: Path) -> None:
    assert read_target(file, "prod") == Target(
        environment="prod",
        stack_name="langpont-rds-prod",
        region="ap-northeast-1",
        parameters={"Environment": "prod", "SnapshotSchedule": "rate(1 minute)"},
        capabilities=("CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
        tags={"team": "data", "cost": "our own"},
        role_arn="arn:aws:iam::123456789012:role/deploy",
        bucket="artefacts",
        asks=True,
        keeps_failures=True,
        account_id="123456789012",
    )


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ("nope", "there is no environment 'nope' in samconfig.toml; known are prod, bare"),
        ("", "name an environment: ENV=…; known are prod, bare"),
        ("default", "there is no environment 'default' in samconfig.toml; known are prod, bare"),
        ("bare", "samconfig.toml gives the environment bare no stack_name and no region"),
    ],
)
def test_environment_that_cannot_be_deployed_to_is_named(file: Path, environment: str, complaint: str) -> None:
    with pytest.raises(DeploymentError) as error:
        read_target(file, environment)

    assert str(error.value) == complaint


def test_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "samconfig.toml"
    file.write_text("= nothing", encoding="utf-8")

    with pytest.raises(DeploymentError, match="cannot be read"):
        read_environments(file)


def test_every_environment_of_this_project_can_be_deployed_to() -> None:
    targets = {name: read_target(ROOT / "samconfig.toml", name) for name in read_environments(ROOT / "samconfig.toml")}

    assert set(targets) == {"local", "dev", "staging", "prod"}
    assert [name for name, target in targets.items() if target.asks] == ["prod"]
    assert all("CAPABILITY_AUTO_EXPAND" in target.capabilities for target in targets.values())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", {}),
        ("A=1 B='two words' C=", {"A": "1", "B": "two words", "C": ""}),
        (["A=cron(0 18 * * ? *)", 'B="x=y"'], {"A": "cron(0 18 * * ? *)", "B": "x=y"}),
    ],
)
def test_pairs_are_read_as_sam_takes_them(written: str | list[str], expected: dict[str, str]) -> None:
    assert parse_pairs(written) == expected


@pytest.mark.parametrize("wrong", ["DBName", "=value", "A=1 B"])
def test_pair_without_name_or_value_is_refused(wrong: str) -> None:
    with pytest.raises(DeploymentError, match="is no parameter; allowed: Name=value"):
        parse_pairs(wrong)


def test_parameters_are_given_kept_or_left_to_the_template() -> None:
    declared = ["Given", "Kept", "New"]

    assert decide_parameters(declared, {"Given": "1"}, {"Given": "0", "Kept": "2", "Gone": "3"}) == [
        {"ParameterKey": "Given", "ParameterValue": "1"},
        {"ParameterKey": "Kept", "UsePreviousValue": True},
    ]
    assert decide_parameters(declared, {}, {}) == []

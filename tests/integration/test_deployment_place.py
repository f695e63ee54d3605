"""Where a deployment goes: to the right account, or nowhere."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from deployment.errors import DeploymentError, RefusedError
from deployment.place import Place, check_account, find_place
from deployment.questions import Questions
from deployment.samconfig import Target

LOCAL = Target("local", "langpont-rds-local", "ap-northeast-1")
DEV = Target("dev", "langpont-rds-dev", "ap-northeast-1", account_id="111111111111")
DESCRIBED = {"endpoint_url": "http://127.0.0.1:4566", "aws_access_key_id": "LOCAL", "aws_secret_access_key": "secret"}


class _Identity(Place):
    """Answers for an account without asking AWS."""

    def account_id(self) -> str:
        return "222222222222"


@pytest.fixture
def elsewhere() -> Place:
    return _Identity(boto3.Session(region_name="ap-northeast-1"))


@pytest.mark.parametrize("profile", ["", "nosuch"])
def test_local_leads_to_the_embedded_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.setenv("AWS_PROFILE", profile)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/environment.json").write_text(json.dumps(DESCRIBED), encoding="utf-8")

    place = find_place(LOCAL, tmp_path, {})

    assert place.endpoint_url == "http://127.0.0.1:4566"
    assert place.variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert place.cloudformation.meta.endpoint_url == "http://127.0.0.1:4566"


def test_local_leads_to_the_embedded_aws_that_the_surroundings_name(tmp_path: Path) -> None:
    named = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}

    assert find_place(LOCAL, tmp_path, named).endpoint_url == "http://127.0.0.1:1"


def test_local_never_leads_to_aws(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="start it with `make up`"):
        find_place(LOCAL, tmp_path, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
    with pytest.raises(DeploymentError, match="named without AWS_SECRET_ACCESS_KEY"):
        find_place(LOCAL, tmp_path, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a"})


def test_environment_of_another_version_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/environment.json").write_text("{}", encoding="utf-8")

    with pytest.raises(DeploymentError, match="run `make down`, then `make up`"):
        find_place(LOCAL, tmp_path, {})


def test_profile_that_does_not_exist_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(DeploymentError, match=r"no credentials for dev: .*nobody"):
        find_place(DEV, tmp_path, {})


def test_credentials_of_another_account_are_refused(elsewhere: Place) -> None:
    with pytest.raises(RefusedError, match="dev belongs to account 111111111111, and your credentials to 222222222222"):
        check_account(DEV, elsewhere)


def test_account_that_the_caller_expects_goes_before_the_file(elsewhere: Place) -> None:
    assert check_account(DEV, elsewhere, "222222222222") == "222222222222"
    with pytest.raises(RefusedError, match="333333333333"):
        check_account(DEV, elsewhere, "333333333333")


def test_any_account_is_right_where_none_is_named(elsewhere: Place) -> None:
    assert check_account(LOCAL, elsewhere) == "222222222222"


def test_expired_credentials_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.Session("a", "b", region_name="ap-northeast-1")
    client = session.client("sts")
    monkeypatch.setattr(session, "client", lambda *_, **__: client)
    with Stubber(client) as stubber:
        stubber.add_client_error("get_caller_identity", "ExpiredToken", "The security token is expired")

        with pytest.raises(DeploymentError, match="expired; set AWS_PROFILE or log in"):
            Place(session).account_id()


def test_where_nobody_can_answer_it_is_said_what_to_set() -> None:
    nobody = Questions()

    with pytest.raises(RefusedError, match="set YES=1"):
        nobody.agrees("Deploy this?")
    with pytest.raises(RefusedError, match="set CONFIRM=langpont-rds-dev"):
        nobody.typed_name("langpont-rds-dev")


def test_answer_that_was_given_beforehand_is_taken() -> None:
    assert Questions("yes").agrees("Deploy this?")
    assert Questions("langpont-rds-dev").typed_name("langpont-rds-prod") == "langpont-rds-dev"

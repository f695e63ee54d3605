"""The master user's password in the local AWS: the instance's own, in the database and in its file."""

from pathlib import Path

import pytest

from local.aws.gaps.rds_master_user import give_password
from local.errors import LocalError
from local.postgres.credentials import read_password, write_secret
from local.postgres.folders import Folders

PRIMARY = {"MasterUsername": "langpont_admin", "MasterUserPassword": "of-the-secret"}


class FakeRoles:
    """A cluster that remembers who was given which password."""

    def __init__(self, root: Path, trouble: str = "") -> None:
        self.folders = Folders(root)
        self.folders.credentials.mkdir(parents=True)
        self.given: list[tuple[str, str]] = []
        self._trouble = trouble

    def set_role_password(self, role: str, password: str) -> None:
        if self._trouble:
            raise LocalError(self._trouble)
        self.given.append((role, password))
        write_secret(self.folders.password_file(role), password)


def test_password_is_given_once(tmp_path: Path) -> None:
    cluster = FakeRoles(tmp_path)

    give_password(PRIMARY, cluster)
    give_password(PRIMARY, cluster)

    assert cluster.given == [("langpont_admin", "of-the-secret")]
    assert read_password(cluster.folders, "langpont_admin") == "of-the-secret"


def test_changed_password_is_given_again(tmp_path: Path) -> None:
    cluster = FakeRoles(tmp_path)
    give_password(PRIMARY, cluster)

    give_password({**PRIMARY, "MasterUserPassword": "another"}, cluster)

    assert cluster.given[1:] == [("langpont_admin", "another")]


@pytest.mark.parametrize("properties", [{}, {"MasterUsername": "x"}, {"SourceDBInstanceIdentifier": "primary"}])
def test_instance_without_a_password_changes_nothing(tmp_path: Path, properties: dict[str, str]) -> None:
    cluster = FakeRoles(tmp_path)

    give_password(properties, cluster)

    assert cluster.given == []


def test_trouble_is_the_resources_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no role nobody"):
        give_password(PRIMARY, FakeRoles(tmp_path, "there is no role nobody"))

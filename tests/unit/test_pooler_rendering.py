"""`make pgbouncer` takes names and logins from the stack, and says what is still to be brought along."""

import stat
from pathlib import Path

import pytest

from local.checkout import Checkout
from local.errors import LocalError
from local.lifecycle import Lifecycle
from local.pooler.configuration import Login
from local.pooler.deployed import read_upstreams
from local.pooler.program import HOW_TO_INSTALL
from local.pooler.rendering import Wishes, write_configuration
from tests.fakes.pooled_deployment import OUTPUTS, PARAMETERS, FakePooledDeployment


def test_pooler_on_aws_leads_to_the_instance_endpoints_by_name() -> None:
    found = read_upstreams(FakePooledDeployment().place)

    assert (found.writer.host, found.reader.host) == (OUTPUTS["PrimaryEndpoint"], OUTPUTS["ReplicaEndpoint"])
    assert found.writer.login == Login("langpont_app", "ppa_tnopgnal")
    assert found.reader.login == Login("langpont_readonly", "ylnodaer_tnopgnal")


def test_pooler_on_aws_trusts_the_authorities_of_rds() -> None:
    found = read_upstreams(FakePooledDeployment().place)

    assert found.authorities.count("BEGIN CERTIFICATE") > 50


def test_address_stands_in_for_a_name_that_does_not_resolve(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("the authority", encoding="utf-8")
    changes = {"DatabaseHostAddress": "127.0.0.1", "DatabaseCaBundle": str(bundle)}

    found = read_upstreams(FakePooledDeployment(parameters={**PARAMETERS, **changes}).place)

    assert (found.writer.host, found.reader.host, found.authorities) == ("127.0.0.1", "127.0.0.1", "the authority")


def test_instance_that_existed_before_has_no_secrets_and_says_what_to_do() -> None:
    deployment = FakePooledDeployment(outputs={**OUTPUTS, "AppRoleSecretArn": ""})

    with pytest.raises(LocalError, match=r"AppRoleSecretArn is empty\): docs/pgbouncer.md says"):
        read_upstreams(deployment.place)


def test_server_with_too_few_connections_for_a_pool_is_refused() -> None:
    deployment = FakePooledDeployment(parameters={**PARAMETERS, "MaxConnections": "20"})

    with pytest.raises(LocalError, match=r"up to 30 server connections, and the roles may have 18"):
        read_upstreams(deployment.place)


def test_folder_for_aws_names_what_is_not_in_it(tmp_path: Path) -> None:
    said: list[str] = []
    wishes = Wishes("dev", version="1.24", listen="10.0.0.7")

    folder = write_configuration(FakePooledDeployment().place, Checkout(tmp_path), wishes, said.append)

    text = (folder / "pgbouncer.ini").read_text(encoding="utf-8")
    assert folder == tmp_path / "build" / "pgbouncer" / "dev"
    assert "auth_file = /etc/pgbouncer/userlist.txt" in text
    assert "listen_addr = 10.0.0.7" in text
    assert "max_prepared_statements = 200" in text
    assert "pooler.pem and pooler.key" in said[-1]
    assert not any("ppa_tnopgnal" in line for line in said)


@pytest.mark.parametrize("environment", ["", "local"])
def test_embedded_environment_is_meant_by_its_name_and_by_none(tmp_path: Path, environment: str) -> None:
    said: list[str] = []
    wishes = Wishes(environment)

    folder = write_configuration(FakePooledDeployment().place, Checkout(tmp_path), wishes, said.append)

    assert folder == tmp_path / "build" / "pgbouncer" / "local"
    assert f"auth_file = {folder}/userlist.txt" in (folder / "pgbouncer.ini").read_text(encoding="utf-8")
    assert "start it as an ordinary user" in said[-1]


def test_document_lists_each_file_of_the_embedded_folder_and_no_other(tmp_path: Path) -> None:
    folder = write_configuration(FakePooledDeployment().place, Checkout(tmp_path), Wishes(), lambda _: None)

    text = (Path(__file__).parents[2] / "docs" / "pgbouncer.md").read_text(encoding="utf-8")
    table = text.partition("| file | what |\n")[2].partition("\n\n")[0]
    named = [name for row in table.splitlines()[1:] for name in row.split("|")[1].replace("`", "").split(",")]
    assert sorted(name.strip() for name in named) == sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("environment", ["", "dev"])
def test_nobody_but_its_owner_gets_into_the_folder(tmp_path: Path, environment: str) -> None:
    wishes = Wishes(environment)

    folder = write_configuration(FakePooledDeployment().place, Checkout(tmp_path), wishes, lambda _: None)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_version_that_does_not_exist_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="'newest' is no version"):
        write_configuration(FakePooledDeployment().place, Checkout(tmp_path), Wishes("dev", "newest"), print)

    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("listen", ["foo", "1.2.3", "127.0.0.1, ::1", "localhost"])
def test_address_that_is_none_is_refused_before_anything_is_written(tmp_path: Path, listen: str) -> None:
    with pytest.raises(LocalError, match=rf"^LISTEN is '{listen}', allowed: an IP address or \*$"):
        write_configuration(FakePooledDeployment().place, Checkout(tmp_path), Wishes("dev", listen=listen), print)

    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0", "::1", "*"])  # noqa: S104  all that PgBouncer takes
def test_address_is_written_and_said(tmp_path: Path, listen: str) -> None:
    said: list[str] = []
    wishes = Wishes("dev", listen=listen)

    folder = write_configuration(FakePooledDeployment().place, Checkout(tmp_path), wishes, said.append)

    assert f"\nlisten_addr = {listen}\n" in (folder / "pgbouncer.ini").read_text(encoding="utf-8")
    assert f"It listens at {listen}, port 6432." in said


def test_environment_without_pgbouncer_comes_up_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("local.pooler.program._SYSTEM_FOLDERS", ())

    pooler = Lifecycle(Checkout(tmp_path), said.append).start_pooler(FakePooledDeployment().place)

    assert pooler is None
    assert said == [f"No pooler: {HOW_TO_INSTALL}; everything else runs without it"]

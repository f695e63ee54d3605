"""What `make up` promises to whoever reads environment.json."""

import json
from pathlib import Path

import psycopg
import pytest

from local.checkout import Checkout
from local.demo.scene import Scene
from local.lifecycle import Lifecycle


def _connect(checkout: Checkout, **changes: str) -> psycopg.Connection:
    postgres = json.loads(checkout.environment_file.read_text(encoding="utf-8"))["postgres"]
    password = Path(postgres["admin_password_file"]).read_text(encoding="utf-8").strip()
    parameters = {
        "host": postgres["primary"]["endpoint"],
        "hostaddr": postgres["primary"]["host"],
        "port": postgres["primary"]["port"],
        "dbname": postgres["database"],
        "user": postgres["admin_user"],
        "password": password,
        "sslmode": "verify-full",
        "sslrootcert": postgres["ca_bundle"],
    }
    return psycopg.connect(**{**parameters, **changes})


def test_environment_file_is_enough_to_connect_with_verified_tls(scene: Scene, checkout: Checkout) -> None:
    with _connect(checkout) as connection:
        row = connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()

    assert row == (True,)


def test_another_name_than_the_endpoint_is_refused(scene: Scene, checkout: Checkout) -> None:
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        _connect(checkout, host="another.example.com")


def test_standby_has_no_endpoint_of_its_own(scene: Scene) -> None:
    assert scene.environment.postgres.standby.endpoint is None
    assert scene.environment.postgres.replicas[0].identifier == "langpont-prod-replica-1"


def test_second_up_changes_nothing_that_runs(lifecycle: Lifecycle, scene: Scene) -> None:
    again = lifecycle.up()

    assert again.endpoint_url == scene.environment.endpoint_url
    assert again.postgres.primary == scene.environment.postgres.primary

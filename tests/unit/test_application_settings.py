"""Settings: the names an application may use, and one clear line for whatever is wrong."""

import dataclasses
from collections.abc import Mapping

import pytest

from langpont_db import ConfigurationError, PoolSize, Settings
from langpont_db.environment import read_settings
from langpont_db.settings import LIMITS, Login

PRIMARY = "postgresql+psycopg://app:s3cret-Word@db.example.com:6543/langpont"
REPLICA = "postgresql+psycopg://reader:s3cret-Word@replica.example.com/langpont"
MINIMAL = {"DATABASE_PRIMARY_URL": PRIMARY}


def _complaint(variables: Mapping[str, str]) -> str:
    with pytest.raises(ConfigurationError) as raised:
        read_settings(variables)
    message = str(raised.value)
    assert "\n" not in message
    assert "s3cret" not in message
    return message


def test_primary_alone_is_enough_and_the_rest_is_the_design() -> None:
    settings = read_settings(MINIMAL)

    assert settings.replica_urls == ()
    assert (settings.primary_pool, settings.replica_pool) == (PoolSize(20, 30), PoolSize(15, 25))
    assert (settings.pool_timeout_seconds, settings.pool_recycle_seconds) == (30, 3600)
    assert settings.targets().primary.query["sslmode"] == "verify-full"
    assert str(settings.targets().primary.query["sslrootcert"]).endswith("global-bundle.pem")


@pytest.mark.parametrize("name", ["DATABASE_PRIMARY_URL", "DATABASE_MASTER_URL", "RDS_MASTER_URL", "RDS_DATABASE_URL"])
def test_earlier_names_of_the_primary_are_understood(name: str) -> None:
    assert read_settings({name: PRIMARY}).primary_url == PRIMARY


@pytest.mark.parametrize("name", ["DATABASE_REPLICA_URLS", "DATABASE_SLAVE_URL", "RDS_REPLICA_URL"])
def test_earlier_names_of_the_replicas_are_understood(name: str) -> None:
    assert read_settings({**MINIMAL, name: REPLICA}).replica_urls == (REPLICA,)


def test_several_replicas_are_separated_by_commas() -> None:
    other = REPLICA.replace("replica.", "replica-2.")

    assert read_settings({**MINIMAL, "DATABASE_REPLICA_URLS": f"{REPLICA}, {other},"}).replica_urls == (REPLICA, other)


def test_purposes_have_replicas_of_their_own() -> None:
    settings = read_settings({**MINIMAL, "DATABASE_ANALYTICS_REPLICA_URLS": REPLICA})

    assert settings.purpose_urls == {"analytics": (REPLICA,)}
    assert settings.replica_urls == ()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATABASE_REPLICA_URL", "DATABASE_REPLICA_URLS"),
        ("DATABASE_LAG_BOUND", "DATABASE_LAG_BOUND_SECONDS"),
        ("DATABASE_TOKENKEY", "DATABASE_TOKEN_KEY"),
        ("DATABASE_ANALYTICS_REPLICA_URL", "DATABASE_ANALYTICS_REPLICA_URLS"),
        ("RDS_REPLICA_URLS", "RDS_REPLICA_URL"),
    ],
)
def test_name_that_is_nearly_one_of_a_setting_is_refused(name: str, meant: str) -> None:
    assert _complaint({**MINIMAL, name: "5"}) == f"{name} is no setting, allowed: {meant}"


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "DATABASE_NAME", "DATABASE_HOST", "DATABASE_POOL_SIZE", "RDS_HOSTNAME"]
)
def test_variables_of_others_are_left_alone(name: str) -> None:
    assert read_settings({**MINIMAL, name: "theirs"}) == read_settings(MINIMAL)


def test_password_of_the_primary_may_hold_a_comma() -> None:
    url = "postgresql+psycopg://app:s3cret,Word@db.example.com/langpont"

    assert read_settings({"DATABASE_PRIMARY_URL": url}).primary_url == url


def test_wrong_url_is_complained_of_once() -> None:
    assert _complaint({"DATABASE_PRIMARY_URL": "nonsense, and more"}).count("DATABASE_PRIMARY_URL") == 1


def test_two_names_that_say_the_same_are_fine() -> None:
    assert read_settings({"DATABASE_MASTER_URL": PRIMARY, "RDS_MASTER_URL": PRIMARY}).primary_url == PRIMARY


def test_two_names_that_contradict_each_other_are_refused() -> None:
    complaint = _complaint({"DATABASE_PRIMARY_URL": PRIMARY, "RDS_MASTER_URL": REPLICA})

    assert complaint == "DATABASE_PRIMARY_URL and RDS_MASTER_URL contradict each other, allowed: one of them"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "DATABASE_PRIMARY_URL is not set, allowed: postgresql"),
        ("s3cret-Word", "DATABASE_PRIMARY_URL is no URL, allowed: postgresql"),
        ("postgresql://app:s3cret-Word@db:port/langpont", "DATABASE_PRIMARY_URL is no URL, allowed: postgresql"),
        ("mysql://app:s3cret-Word@db/langpont", "has the driver 'mysql', allowed: postgresql+psycopg, "),
        ("postgresql+asyncpg://app:s3cret-Word@db/langpont", "has the driver 'postgresql+asyncpg', allowed: "),
        ("postgresql://db/langpont", "'postgresql://db/langpont' and names no user"),
        ("postgresql://app:s3cret-Word@/langpont", "names no host"),
        ("postgresql://app:s3cret-Word@db", "'postgresql://app:***@db' and names no database"),
        ("postgresql://app:s3cret-Word@db/langpont?host=other", "allowed: one server, named with its login before the"),
        ("postgresql://app@db/langpont?password=s3cret-Word", "allowed: one server, named with its login before the"),
        (f"{PRIMARY}?sslmode=require", "DATABASE_PRIMARY_URL has sslmode=require, allowed: verify-full"),
        (f"{PRIMARY}?sslmode=disable", "DATABASE_PRIMARY_URL has sslmode=disable, allowed: verify-full"),
        (f"{PRIMARY}?sslrootcert=/nowhere/ca.pem", "has sslrootcert=/nowhere/ca.pem, allowed: a file that exists"),
        (f"{PRIMARY}?hostaddr=1.2.3.4&hostaddr=1.2.3.5", "has hostaddr 2 times, allowed: once"),
        (f"{PRIMARY}?hostadr=1.2.3.4", 'a parameter that libpq does not know: invalid connection option "hostadr"'),
    ],
)
def test_wrong_url_is_refused_in_one_line_without_its_password(url: str, complaint: str) -> None:
    assert complaint in _complaint({"DATABASE_PRIMARY_URL": url})


def test_same_replica_twice_is_refused() -> None:
    complaint = _complaint({**MINIMAL, "DATABASE_REPLICA_URLS": REPLICA, "DATABASE_ANALYTICS_REPLICA_URLS": REPLICA})

    assert complaint == "the replica replica.example.com:5432 is named twice, allowed: once"


@pytest.mark.parametrize("field", LIMITS)
@pytest.mark.parametrize("side", ["below", "above", "text"])
def test_number_out_of_its_bounds_is_refused_with_its_name(field: str, side: str) -> None:
    low, high = LIMITS[field]
    value = {"below": f"{low - 1:g}", "above": f"{high + 1:g}", "text": "many"}[side]

    complaint = _complaint({**MINIMAL, f"DATABASE_{field.upper()}": value})

    assert complaint.startswith(f"DATABASE_{field.upper()} is {value!r}, allowed: a ")
    assert complaint.endswith(f"from {low:g} to {high:g}")


@pytest.mark.parametrize("field", LIMITS)
def test_bounds_themselves_are_taken(field: str) -> None:
    for bound in LIMITS[field]:
        assert getattr(read_settings({**MINIMAL, f"DATABASE_{field.upper()}": f"{bound:g}"}), field) == bound


def test_half_a_process_is_refused() -> None:
    assert "a whole number from 1 to 1000" in _complaint({**MINIMAL, "DATABASE_PROCESSES": "1.5"})


def test_pool_sizes_are_set_one_by_one() -> None:
    settings = read_settings({**MINIMAL, "DATABASE_PRIMARY_POOL_SIZE": "5", "DATABASE_REPLICA_MAX_OVERFLOW": "0"})

    assert (settings.primary_pool, settings.replica_pool) == (PoolSize(5, 30), PoolSize(15, 0))


def test_iam_needs_a_region_and_takes_that_of_the_process() -> None:
    assert "region is not set" in _complaint({**MINIMAL, "DATABASE_LOGIN": "iam"})

    settings = read_settings({**MINIMAL, "DATABASE_LOGIN": "iam", "AWS_REGION": "ap-northeast-1"})
    assert (settings.login, settings.region) == (Login.IAM, "ap-northeast-1")


def test_unknown_login_is_refused() -> None:
    assert (
        _complaint({**MINIMAL, "DATABASE_LOGIN": "kerberos"}) == "DATABASE_LOGIN is 'kerberos', allowed: password, iam"
    )


def test_everything_wrong_is_in_the_one_error() -> None:
    complaint = _complaint({"DATABASE_PROCESSES": "0", "DATABASE_LAG_BOUND_SECONDS": "0"})

    assert complaint.count("allowed") == 3


def test_settings_made_by_hand_are_checked_too() -> None:
    with pytest.raises(ConfigurationError, match=r"^processes is 0, allowed: 1 to 1000$"):
        Settings(primary_url=PRIMARY, processes=0)
    with pytest.raises(ConfigurationError, match="is no pool"):
        Settings(primary_url=PRIMARY, replica_pool=PoolSize(0, 5))
    with pytest.raises(ConfigurationError, match="primary_url is no URL"):
        Settings(primary_url="s3cret-Word")


def test_representation_holds_no_secret() -> None:
    settings = Settings(primary_url=PRIMARY, replica_urls=(REPLICA,), token_key="s3cret-Word")

    assert "s3cret" not in repr(settings) + repr(settings.targets())


def test_every_number_has_bounds() -> None:
    numbers = {field.name for field in dataclasses.fields(Settings) if field.type in (int, float)}

    assert numbers == set(LIMITS)

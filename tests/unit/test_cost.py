"""A month's bill is counted from what the templates make of an environment's parameters."""

import dataclasses
from typing import Any

import pytest

from generators.cost_document import total
from generators.costs import Line, bill, instance_hours
from generators.errors import TableError
from generators.prices import Assumption, Price, Prices, load_prices
from tests.stack_plan import root
from tests.templates import ROOT

PRICES = load_prices(ROOT)
SMALL = {"DBInstanceClass": "db.t4g.micro", "AnalyticsReplicaClass": "db.t4g.small", "AllocatedStorageGiB": 20}


def _bill(prices: Prices = PRICES, **values: Any) -> tuple[Line, ...]:
    return bill(root(**{**SMALL, "ReplicaCount": 0, "MultiAZ": "false", **values}), prices)


def _usd(lines: tuple[Line, ...], what: str) -> float:
    return sum(line.usd for line in lines if what in line.what)


def _at(prices: Prices, **usd: float) -> Prices:
    changed = {key: Price(value, "unit", "test") for key, value in usd.items()}
    return dataclasses.replace(prices, prices={**prices.prices, **changed})


def test_instance_costs_its_hours() -> None:
    assert instance_hours(_bill(_at(PRICES, **{"db.t4g.micro": 0.5}))) == pytest.approx(365)


def test_standby_doubles_hours_and_storage_of_the_primary_alone() -> None:
    alone, doubled = _bill(ReplicaCount=1), _bill(ReplicaCount=1, MultiAZ="true")

    assert instance_hours(doubled) == pytest.approx(1.5 * instance_hours(alone))
    assert _usd(doubled, "storage") == pytest.approx(1.5 * _usd(alone, "storage"))


def test_second_replica_is_of_its_own_class() -> None:
    more = instance_hours(_bill(ReplicaCount=2)) - instance_hours(_bill(ReplicaCount=1))

    assert more == pytest.approx(730 * PRICES.usd("db.t4g.small"))


def test_replicas_have_storage_logs_and_alarms_of_their_own() -> None:
    without, both = _bill(), _bill(ReplicaCount=2)

    assert _usd(both, "storage") == pytest.approx(3 * _usd(without, "storage"))
    assert _usd(both, "server logs") == pytest.approx(3 * _usd(without, "server logs"))
    assert _usd(both, "metrics of alarms") > _usd(without, "metrics of alarms")


def test_csvlog_is_paid_for_twice() -> None:
    assert _usd(_bill(LogDestination="csvlog"), "server logs") == 2 * _usd(
        _bill(LogDestination="stderr"), "server logs"
    )


def test_endpoint_costs_one_zone_or_nothing() -> None:
    assert _usd(_bill(), "interface endpoint") == pytest.approx(730 * PRICES.usd("endpoint"))
    assert _usd(_bill(SecretsManagerEndpoint="false"), "interface endpoint") == 0


def test_backups_are_free_up_to_the_allocated_storage_and_then_cost() -> None:
    changing = dataclasses.replace(
        PRICES, assumptions={**PRICES.assumptions, "daily_change": Assumption(0.1, "a busy database")}
    )

    # 20 GiB, half full, of which a tenth changes each day for 30 days: 40 GiB.
    assert _usd(_bill(), "backups") == 0
    assert _usd(_bill(changing), "backups") == pytest.approx(20 * PRICES.usd("backups"))


def test_secret_of_the_embedded_environment_is_not_counted() -> None:
    assert _usd(_bill(), "secrets") == pytest.approx(3 * PRICES.usd("secret"))


def test_existing_instance_is_not_on_this_bill() -> None:
    network = {"VpcId": "vpc-1", "PrivateSubnetIds": "subnet-1,subnet-2,subnet-3", "ExistingDBSecurityGroupId": "sg-1"}
    instance = {"ExistingDBInstanceIdentifier": "db", "ExistingDBEndpoint": "db", "ExistingDBResourceId": "db-A"}

    lines = bill(root(**SMALL, ReplicaCount=0, **network, **instance), PRICES)

    assert instance_hours(lines) == 0
    assert _usd(lines, "storage") == 0
    assert total(lines) > 0


def test_class_without_a_price_is_named() -> None:
    with pytest.raises(TableError, match=r"there is no price of db\.r7g\.large; add a row"):
        _bill(DBInstanceClass="db.r7g.large")


def test_every_price_says_where_it_is_from() -> None:
    assert all("unverified" in price.source or "AWS price list" in price.source for price in PRICES.prices.values())


def test_each_replica_has_metrics_of_its_own() -> None:
    of_replica = PRICES.assumed("replica_metrics") * PRICES.usd("metric")

    assert _usd(_bill(ReplicaCount=2), "custom metrics") == pytest.approx(
        _usd(_bill(), "custom metrics") + 2 * of_replica
    )

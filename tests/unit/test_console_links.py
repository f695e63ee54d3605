"""Links to the console and to runbooks, by partition, region and deployment."""

import pytest

from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment

DEPLOYMENT = Deployment("langpont", "prod", "langpont-prod-db", "https://docs.example.com/runbooks/")


@pytest.mark.parametrize(
    ("arn", "home"),
    [
        ("arn:aws:rds:ap-northeast-1:123456789012:db:x", "https://ap-northeast-1.console.aws.amazon.com"),
        ("arn:aws-cn:rds:cn-north-1:123456789012:db:x", "https://console.amazonaws.cn"),
        ("arn:aws-us-gov:rds:us-gov-west-1:123456789012:db:x", "https://console.amazonaws-us-gov.com"),
    ],
)
def test_link_leads_to_the_console_of_the_partition(arn: str, home: str) -> None:
    place = Place.of_arn(arn)

    assert place is not None
    assert place.instance_link("langpont-prod-db") == {
        "instance": f"{home}/rds/home?region={place.region}#database:id=langpont-prod-db;is-cluster=false"
    }


@pytest.mark.parametrize(
    ("region", "partition"),
    [("ap-northeast-1", "aws"), ("cn-northwest-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov")],
)
def test_partition_follows_from_the_region(region: str, partition: str) -> None:
    assert Place.of_region(region) == Place(partition, region)


def test_alarm_names_are_quoted_in_links() -> None:
    link = Place("aws", "ap-northeast-1").alarm_link("CPU 高い/db")["alarm"]

    assert link.endswith("#alarmsV2:alarm/CPU%20%E9%AB%98%E3%81%84%2Fdb")


def test_unknown_partition_has_no_links() -> None:
    assert Place("aws-iso", "us-iso-east-1").alarm_link("x") == {}


@pytest.mark.parametrize("text", ["", "langpont-prod-db", "arn:aws:s3:::bucket", "arn:aws"])
def test_text_that_names_no_region_is_no_place(text: str) -> None:
    assert Place.of_arn(text) is None


def test_snapshot_arn_with_further_colons_names_its_region() -> None:
    arn = "arn:aws:rds:ap-northeast-1:123456789012:snapshot:rds:langpont-prod-db-2026-11-24-03-07"

    assert Place.of_arn(arn) == Place("aws", "ap-northeast-1")


def test_alarm_runbook_is_named_by_the_alarms_stem() -> None:
    link = DEPLOYMENT.alarm_runbook_link("langpont-prod-rds-cpu-high")

    assert link == {"runbook": "https://docs.example.com/runbooks/rds-cpu-high.md"}


@pytest.mark.parametrize(
    ("alarm", "stem"),
    [
        ("langpont-prod-rds-cpu-high-replica-1", "rds-cpu-high"),
        ("langpont-prod-replica-lag-2", "replica-lag"),
        ("langpont-prod-replica-behind-12", "replica-behind"),
    ],
)
def test_alarm_on_a_replica_has_the_runbook_of_its_stem(alarm: str, stem: str) -> None:
    assert DEPLOYMENT.alarm_runbook_link(alarm) == {"runbook": f"https://docs.example.com/runbooks/{stem}.md"}


def test_runbook_that_an_alarm_names_itself_goes_first() -> None:
    link = DEPLOYMENT.alarm_runbook_link(
        "langpont-prod-automation-dead-letters-push-metrics", "automation-dead-letters"
    )

    assert link == {"runbook": "https://docs.example.com/runbooks/automation-dead-letters.md"}


@pytest.mark.parametrize(
    ("alarm", "instance"),
    [
        ("langpont-prod-replica-behind-1", "langpont-prod-replica-1"),
        ("langpont-prod-database-overloaded-replica-2", "langpont-prod-replica-2"),
        ("langpont-prod-database-overloaded", None),
        ("orders-prod-replica-behind-1", None),
    ],
)
def test_name_of_an_alarm_tells_its_replica(alarm: str, instance: str | None) -> None:
    assert DEPLOYMENT.alarm_instance(alarm) == instance


def test_alarm_of_someone_else_has_no_runbook() -> None:
    assert DEPLOYMENT.alarm_runbook_link("billing-too-high") == {}
    assert DEPLOYMENT.alarm_runbook_link("billing-too-high", "billing") == {}


def test_without_a_base_address_there_are_no_runbook_links() -> None:
    silent = Deployment("langpont", "prod", "langpont-prod-db")

    assert silent.alarm_runbook_link("langpont-prod-rds-cpu-high") == silent.runbook_link("failover") == {}


@pytest.mark.parametrize("identifier", ["langpont-prod-db", "LANGPONT-PROD-DB", "langpont-prod-replica-1"])
def test_deployment_knows_its_instances_by_name(identifier: str) -> None:
    assert DEPLOYMENT.names_instance(identifier)


@pytest.mark.parametrize("identifier", ["langpont-staging-db", "langpont-prod-db-restored", "orders-prod-replica-1"])
def test_other_instances_are_not_the_deployments(identifier: str) -> None:
    assert not DEPLOYMENT.names_instance(identifier)

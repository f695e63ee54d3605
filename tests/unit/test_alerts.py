"""How an alert reads, for people and for machines."""

import json
import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.alert_commands import folded
from rds_operations.domain.alert_texts import (
    MESSAGE_BYTES,
    attributes,
    email_text,
    machine_form,
    printable_subject,
    sns_message,
    subject,
)
from rds_operations.domain.alerts import Alert, AlertKind, Severity, alert_id

ALERT = Alert(
    id=alert_id("langpont-prod-db", "RDS-EVENT-0049", "2026-11-23T18:00:43.292Z"),
    kind=AlertKind.FAILOVER,
    severity=Severity.RESOLVED,
    title="Multi-AZ failover completed after 43.172 s",
    resource="langpont-prod-db",
    environment="prod",
    occurred_at=datetime(2026, 11, 23, 18, 0, 43, 292000, tzinfo=UTC),
    summary="The database takes connections again.",
    facts={
        "replicas": {"langpont-prod-replica-1": "available"},
        "writable": None,
        "writable_note": "not probed",
        "events": ["1", "2"],
    },
    actions=("Look at it:\naws rds describe-db-instances --db-instance-identifier langpont-prod-db",),
    links={"instance": "https://ap-northeast-1.console.aws.amazon.com/rds/home?region=ap-northeast-1#database:id=x"},
    source={"type": "aws.rds"},
)

texts = st.text(max_size=400)


@given(title=texts, resource=texts, severity=st.sampled_from(Severity))
def test_subject_is_always_printable_ascii_below_100_characters(title: str, resource: str, severity: Severity) -> None:
    line = subject(replace(ALERT, title=title, resource=resource, severity=severity))

    assert re.fullmatch(r"[ -~]{1,99}", line)
    assert line.removeprefix("[DRILL] ").startswith(severity.upper())


def test_subject_says_severity_where_and_what() -> None:
    assert subject(ALERT) == "RESOLVED langpont-prod-db: Multi-AZ failover completed after 43.172 s"


def test_subject_of_a_drill_begins_with_its_label() -> None:
    line = subject(replace(ALERT, title="[DRILL] Multi-AZ failover started", severity=Severity.CRITICAL))

    assert line == "[DRILL] CRITICAL langpont-prod-db: Multi-AZ failover started"


def test_subject_keeps_what_can_be_written_in_ascii() -> None:
    assert printable_subject("Café\n  翻訳 down") == "Cafe ?? down"


@given(st.lists(st.text(), min_size=1))
def test_alert_id_is_the_same_for_the_same_parts(parts: list[str]) -> None:
    assert alert_id(*parts) == alert_id(*parts)


def test_alert_id_differs_between_occurrences() -> None:
    first = alert_id("langpont-prod-db", "RDS-EVENT-0013", "2026-11-23T18:00:00.120Z")
    second = alert_id("langpont-prod-db", "RDS-EVENT-0013", "2026-11-23T18:05:00.120Z")

    assert first != second


def test_alert_id_keeps_parts_apart() -> None:
    assert alert_id("ab", "c") != alert_id("a", "bc")


def test_machine_form_has_exactly_the_agreed_keys() -> None:
    form = machine_form(ALERT)

    assert list(form) == [
        *("version", "id", "kind", "severity", "title", "resource", "environment"),
        *("occurred_at", "summary", "facts", "actions", "links", "source"),
    ]
    assert (form["version"], form["kind"], form["severity"]) == (1, "failover", "resolved")
    assert form["occurred_at"] == "2026-11-23T18:00:43.292Z"
    assert json.loads(json.dumps(form)) == form


def test_attributes_allow_filtering_by_severity_kind_environment_resource() -> None:
    assert attributes(ALERT) == {
        "severity": "resolved",
        "kind": "failover",
        "environment": "prod",
        "resource": "langpont-prod-db",
    }


def test_email_begins_with_the_key_block() -> None:
    assert email_text(ALERT).splitlines()[:4] == [
        "What:     Multi-AZ failover completed after 43.172 s",
        "Where:    langpont-prod-db (prod)",
        "Since:    2026-11-23 18:00:43 UTC",
        "How bad:  RESOLVED - it is over",
    ]


def test_key_block_ends_with_what_to_do_first() -> None:
    assert email_text(ALERT).splitlines()[4:6] == ["Do first: Look at it:", ""]
    assert "Do first" not in email_text(replace(ALERT, actions=()))


def test_email_folds_commands_so_that_a_shell_reads_them_as_one() -> None:
    text = email_text(ALERT)

    folded = "     aws rds describe-db-instances \\\n       --db-instance-identifier langpont-prod-db\n"
    assert folded in text


@given(st.lists(st.text("abc '-", max_size=60), max_size=12))
def test_folded_command_means_the_same_to_a_shell(values: list[str]) -> None:
    command = shlex.join(["aws", "rds", *(part for value in values for part in ("--name", value))])

    lines = list(folded(command, indent="     ", columns=72))

    # What a shell does before it looks for words; Python's shlex does not.
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == shlex.split(command)
    assert all(len(line) <= 72 or line.count("--name") <= 1 for line in lines)


@pytest.mark.parametrize("command", ["SELECT 1 " + "-- x" * 30, "make redrive " + "-x " * 30])
def test_what_is_no_command_of_aws_is_not_folded(command: str) -> None:
    assert list(folded(command, indent="  ", columns=72)) == ["  " + command]


def test_email_keeps_links_whole() -> None:
    lines = email_text(replace(ALERT, links={"runbook": "https://example.com/" + "x" * 100})).splitlines()

    assert "  https://example.com/" + "x" * 100 in lines


def test_email_says_in_words_what_is_not_known() -> None:
    text = email_text(ALERT)

    assert "  writable: not known (not probed)\n" in text
    assert "  replicas: langpont-prod-replica-1: available\n" in text
    assert "  events:\n  - 1\n  - 2\n" in text


@given(summary=st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=300))
def test_email_lines_of_ordinary_words_fit_72_columns(summary: str) -> None:
    words = " ".join(word[:40] for word in summary.split())

    text = email_text(replace(ALERT, summary=words, actions=(), links={}))

    assert all(len(line) <= 72 for line in text.splitlines())


def test_message_for_people_and_for_machines_goes_by_protocol() -> None:
    message = json.loads(sns_message(ALERT))

    assert set(message) == {"default", "email", "sqs", "lambda", "https"}
    assert message["default"] == message["email"] == email_text(ALERT)
    assert json.loads(message["sqs"]) == json.loads(message["https"]) == machine_form(ALERT)


def test_facts_that_do_not_fit_are_left_out_and_named() -> None:
    huge = replace(ALERT, facts={"small": "kept", "large": ["x" * 1000] * 100, "larger": ["翻" * 1000] * 100})

    message = sns_message(huge)

    facts = json.loads(json.loads(message)["sqs"])["facts"]
    assert facts == {"small": "kept", "facts_left_out": ["larger", "large"]}
    assert len(message.encode()) <= MESSAGE_BYTES


def test_summary_that_does_not_fit_is_cut() -> None:
    message = sns_message(replace(ALERT, summary="x " * 200_000))

    assert len(message.encode()) <= MESSAGE_BYTES
    assert json.loads(json.loads(message)["sqs"])["summary"].endswith(" ...")

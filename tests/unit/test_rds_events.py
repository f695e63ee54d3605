"""What each RDS event asks for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rds_operations.domain.alerts import Severity
from rds_operations.domain.console_links import Place
from rds_operations.domain.rds_event_routine import ROUTINE
from rds_operations.domain.rds_event_rules import FAILOVER_COMPLETIONS, FAILOVER_STARTS
from rds_operations.domain.rds_event_table import ALERTED
from rds_operations.domain.rds_events import EventAction, RdsEvent, judge

# RDS User Guide, "Amazon RDS event categories and event messages": DB instance, DB snapshot, DB parameter group.
DOCUMENTED = {
    "failover": "0013 0015 0034 0049 0050 0051 0065",
    "availability": "0004 0006 0022 0221 0222 0330 0331 0396 0419",
    "backup": "0001 0002 0086",
    "configuration change": "0011 0012 0014 0016 0017 0018 0024 0025 0028 0029 0030 0032 0037 0067 0078 0092 0217 0218"
    " 0295 0296",
    "creation": "0005 0040 0042 0090 0091",
    "deletion": "0003 0041",
    "failure": "0031 0035 0036 0079 0080 0219 0220 0223 0224 0237 0254 0278 0306 0315 0353 0418 0420",
    "low storage": "0007 0089",
    "maintenance": "0026 0027 0047 0155 0178 0264 0265 0266 0267 0268 0269 0270 0398 0399 0422 0425 0429 0501 0502",
    "notification": "0044 0048 0059 0060 0061 0087 0088 0154 0158 0159 0160 0161 0189"
    " 0190 0196 0197 0225 0231 0327 0385 0404",
    "read replica": "0045 0046 0057 0062 0063 0202 0233 0415 0416",
    "recovery": "0020 0021 0023 0052 0053 0361 0362",
    "restoration": "0019 0043",
    "security": "0068",
    "security patching": "0230",
}


def rds_event(identifier: str, *categories: str, message: str = "") -> RdsEvent:
    return RdsEvent(
        identifier=identifier,
        resource="langpont-prod-db",
        source_type="DB_INSTANCE",
        categories=categories,
        occurred_at=datetime(2026, 11, 23, 18, tzinfo=UTC),
        date="2026-11-23T18:00:00Z",
        message=message,
        arn="arn:aws:rds:ap-northeast-1:123456789012:db:langpont-prod-db",
        place=Place("aws", "ap-northeast-1"),
        envelope_id="1",
    )


@pytest.mark.parametrize("category", DOCUMENTED)
def test_table_agrees_with_the_documentation(category: str) -> None:
    rules = {**ALERTED, **ROUTINE}

    listed = {identifier.removeprefix("RDS-EVENT-") for identifier, rule in rules.items() if rule.category == category}

    assert listed == set(DOCUMENTED[category].split())


def test_no_identifier_is_left_out_or_invented() -> None:
    documented = [f"RDS-EVENT-{number}" for numbers in DOCUMENTED.values() for number in numbers.split()]

    assert len(documented) == len(set(documented)) == 125
    assert set(documented) == ALERTED.keys() | ROUTINE.keys()


def test_no_event_is_both_alerted_and_routine() -> None:
    assert not ALERTED.keys() & ROUTINE.keys()


def test_rules_that_alert_say_what_it_means_and_what_to_do() -> None:
    assert all(rule.severity and rule.meaning and rule.impact and rule.advice for rule in ALERTED.values())


def test_failover_identifiers_are_in_the_table_under_failover() -> None:
    assert {ALERTED[identifier].category for identifier in FAILOVER_STARTS | FAILOVER_COMPLETIONS} == {"failover"}


@pytest.mark.parametrize(
    ("identifier", "severity"),
    [
        ("RDS-EVENT-0013", Severity.CRITICAL),
        ("RDS-EVENT-0007", Severity.CRITICAL),
        ("RDS-EVENT-0028", Severity.CRITICAL),
        ("RDS-EVENT-0003", Severity.CRITICAL),
        ("RDS-EVENT-0045", Severity.CRITICAL),
        ("RDS-EVENT-0404", Severity.CRITICAL),
        ("RDS-EVENT-0006", Severity.WARNING),
        ("RDS-EVENT-0029", Severity.WARNING),
        ("RDS-EVENT-0155", Severity.INFO),
        ("RDS-EVENT-0021", Severity.RESOLVED),
    ],
)
def test_event_that_needs_a_person_is_alerted(identifier: str, severity: Severity) -> None:
    judgement = judge(rds_event(identifier))

    assert (judgement.action, judgement.severity) == (EventAction.ALERTED, severity)


@pytest.mark.parametrize("identifier", ["RDS-EVENT-0001", "RDS-EVENT-0042", "RDS-EVENT-0091", "RDS-EVENT-0037"])
def test_routine_event_is_recorded(identifier: str) -> None:
    judgement = judge(rds_event(identifier))

    assert (judgement.action, judgement.severity) == (EventAction.RECORDED, Severity.INFO)


@pytest.mark.parametrize(
    ("categories", "action", "severity"),
    [
        (("failure",), EventAction.ALERTED, Severity.CRITICAL),
        (("low storage",), EventAction.ALERTED, Severity.CRITICAL),
        (("failover",), EventAction.ALERTED, Severity.WARNING),
        (("maintenance", "notification"), EventAction.ALERTED, Severity.WARNING),
        (("maintenance",), EventAction.ALERTED, Severity.INFO),
        (("something new",), EventAction.ALERTED, Severity.WARNING),
        ((), EventAction.ALERTED, Severity.WARNING),
        (("backup",), EventAction.RECORDED, Severity.INFO),
        (("backup", "failure"), EventAction.ALERTED, Severity.CRITICAL),
    ],
)
def test_unknown_event_is_judged_by_its_categories(
    categories: tuple[str, ...], action: EventAction, severity: Severity
) -> None:
    judgement = judge(rds_event("RDS-EVENT-9999", *categories))

    assert (judgement.action, judgement.severity) == (action, severity)
    assert "RDS-EVENT-9999 is unknown" in judgement.reason


@given(st.sampled_from([*ALERTED, *ROUTINE]), st.text())
def test_message_text_never_matters(identifier: str, message: str) -> None:
    assert judge(rds_event(identifier, message=message)) == judge(rds_event(identifier))


@given(st.text(), st.lists(st.text(), max_size=2))
def test_every_event_gets_a_judgement_with_a_reason(identifier: str, categories: list[str]) -> None:
    assert judge(rds_event(identifier, *categories)).reason

"""How alerts read in a mail, to programs and in a chat channel: written out in tests/golden/alerts."""

import json
from pathlib import Path

import pytest

from rds_operations.domain.alert_chat import DESCRIPTION_CHARACTERS, chat_form
from rds_operations.domain.alert_texts import COLUMNS, email_text, machine_form, sns_message, subject
from rds_operations.domain.alerts import Alert, AlertKind
from tests.golden_alerts import golden_alerts
from tests.screens import LABELS, screen

WRITTEN = Path(__file__).parents[1] / "golden/alerts"
ALERTS = golden_alerts()

each = pytest.mark.parametrize("name", ALERTS)


def written(alert: Alert) -> dict[str, str]:
    """Return what each renderer makes of an alert, by the end of its file's name."""
    return {
        "mail.txt": f"Subject: {subject(alert)}\n\n{email_text(alert)}",
        "machine.json": json.dumps(machine_form(alert), indent=2, ensure_ascii=False) + "\n",
        "chat.json": json.dumps(chat_form(alert), indent=2, ensure_ascii=False) + "\n",
    }


@each
@pytest.mark.parametrize("form", ["mail.txt", "machine.json", "chat.json"])
def test_alert_reads_as_agreed(name: str, form: str) -> None:
    path = WRITTEN / f"{name}.{form}"

    expected = path.read_text(encoding="utf-8") if path.exists() else ""

    assert written(ALERTS[name])[form] == expected, f"read what is new, then write it to {path}"


def test_every_kind_is_written_out_and_nothing_else() -> None:
    assert {alert.kind for alert in ALERTS.values()} == set(AlertKind)
    assert {path.name for path in WRITTEN.iterdir()} == {
        f"{name}.{form}" for name in ALERTS for form in written(ALERTS[name])
    }


@each
def test_mail_fits_72_columns_but_for_addresses(name: str) -> None:
    too_long = [line for line in email_text(ALERTS[name]).splitlines() if len(line) > COLUMNS]

    assert all(line.startswith("  https://") for line in too_long)


@each
def test_first_screen_of_a_telephone_says_what_where_how_bad_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]

    shown = screen(alert)

    assert all(label in shown for label in LABELS if alert.actions or label != "Do first:")


@each
def test_chat_notification_has_the_schema_of_amazon_q_developer(name: str) -> None:
    form = json.loads(json.dumps(chat_form(ALERTS[name])))

    assert (form["version"], form["source"], form["id"]) == ("1.0", "custom", ALERTS[name].id)
    assert set(form) == {"version", "source", "id", "content", "metadata"}
    assert set(form["content"]) == {"textType", "title", "description", "nextSteps", "keywords"}
    assert form["content"]["textType"] == "client-markdown"
    assert 0 < len(form["content"]["description"]) <= DESCRIPTION_CHARACTERS
    assert set(form["metadata"]) == {"threadId", "summary", "eventType", "relatedResources", "additionalContext"}
    assert all(isinstance(value, str) for value in form["metadata"]["additionalContext"].values())


@each
def test_machine_form_arrives_whole_in_the_message(name: str) -> None:
    message = json.loads(sns_message(ALERTS[name]))

    assert json.loads(message["sqs"]) == json.loads(json.dumps(machine_form(ALERTS[name])))
    assert message["email"] == email_text(ALERTS[name])

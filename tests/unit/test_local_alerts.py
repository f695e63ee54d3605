"""What lies in the queue beside people's mailboxes is read whichever topic it came through."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from local.alerts import CLOUDWATCH_ALARM, AlertsQueue, ReceivedAlert, subscribe_queue
from tests.samples import sample

if TYPE_CHECKING:
    from local.aws.server import LocalAws

ALERT = {"version": 1, "kind": "alarm", "severity": "warning", "resource": "langpont-prod-db", "facts": {}}


class FakeSqs:
    """One queue with these messages."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = [{"Body": json.dumps(message), "ReceiptHandle": "r"} for message in messages]
        self.policy: dict[str, Any] = {}

    def receive_message(self, **_request: Any) -> dict[str, Any]:
        taken, self._messages = self._messages, []
        return {"Messages": taken}

    def delete_message(self, **_request: Any) -> None:
        """Every message is taken once anyway."""

    def create_queue(self, **_request: Any) -> dict[str, str]:
        return {"QueueUrl": "url"}

    def get_queue_attributes(self, **_request: Any) -> dict[str, dict[str, str]]:
        return {"Attributes": {"QueueArn": "queue"}}

    def set_queue_attributes(self, **request: Any) -> None:
        self.policy = json.loads(request["Attributes"]["Policy"])


def _read(message: str, **envelope: Any) -> ReceivedAlert:
    sqs = FakeSqs({"Subject": "subject", "Message": message, **envelope})
    found = AlertsQueue(cast("LocalAws", SimpleNamespace(sqs=sqs)), "url").take(lambda _alert: True)
    assert found is not None
    return found


def test_alert_is_read_with_its_attributes() -> None:
    found = _read(json.dumps(ALERT), MessageAttributes={"severity": {"Type": "String", "Value": "warning"}})

    assert found == ReceivedAlert("subject", ALERT, {"severity": "warning"})


def test_alarm_in_the_words_of_cloudwatch_is_read_as_such() -> None:
    message = sample("react_to_alarm", "metric_alarm")["Records"][0]["Sns"]["Message"]

    found = _read(message)

    assert found.body["kind"] == CLOUDWATCH_ALARM
    assert found.body["resource"] == json.loads(message)["AlarmName"]
    assert found.body["facts"] == json.loads(message)


@pytest.mark.parametrize("message", ["not an alarm", "[1]", '{"AlarmName": "no state"}'])
def test_message_that_was_passed_on_keeps_its_text(message: str) -> None:
    found = _read(message)

    assert (found.body["kind"], found.body["message"]) == ("", message)


def test_queue_is_subscribed_to_every_topic_and_lets_in_just_those() -> None:
    sqs, subscribed = FakeSqs(), []
    sns = SimpleNamespace(subscribe=lambda **request: subscribed.append(request["TopicArn"]))

    url = subscribe_queue(cast("LocalAws", SimpleNamespace(sqs=sqs, sns=sns)), "alerts", "automation")

    (statement,) = sqs.policy["Statement"]
    assert (url, subscribed) == ("url", ["alerts", "automation"])
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": ["alerts", "automation"]}}

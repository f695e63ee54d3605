"""How an alert reads in a chat channel: Amazon Q Developer's custom notification.

Schema: administrator guide of Amazon Q Developer in chat applications, "Custom notifications".
"""

import json
import re
from collections.abc import Iterator, Mapping

from rds_operations.domain.alert_texts import subject
from rds_operations.domain.alerts import Alert, Fact, Severity

DESCRIPTION_CHARACTERS = 7_500
"""Less than the 8,000 that the schema allows a description."""

_FACTS, _FACT_CHARACTERS = 8, 600
_SIGNS = {
    Severity.CRITICAL: ":rotating_light:",
    Severity.WARNING: ":warning:",
    Severity.INFO: ":information_source:",
    Severity.RESOLVED: ":white_check_mark:",
}
# Slack would make mentions and links of the first, and both bold or code of the others.
_MARKUP = ((re.compile(r"<(?=\S)"), "<\u200b"), (re.compile(r"\*"), "\u2217"), (re.compile("`"), "'"))


def chat_message(alert: Alert) -> str:
    """Return the message for the chat topic; an alarm and its end share a thread."""
    return json.dumps(chat_form(alert), ensure_ascii=False)


def chat_form(alert: Alert) -> dict[str, object]:
    """Return the custom notification: title, meaning, first facts, steps and links, without markup of users' own."""
    return {
        "version": "1.0",
        "source": "custom",
        "id": alert.id,
        "content": {
            "textType": "client-markdown",
            "title": f"{_SIGNS[alert.severity]} {_plain(subject(alert))}",
            "description": _description(alert),
            "nextSteps": [_step(action) for action in alert.actions],
            "keywords": [alert.severity.value, alert.kind.value, alert.environment, alert.resource],
        },
        "metadata": {
            "threadId": str(
                alert.facts.get("alarm_name") or f"{alert.environment}-{alert.resource}-{alert.kind.value}"
            ),
            "summary": subject(alert),
            "eventType": alert.kind.value,
            "relatedResources": [alert.resource],
            "additionalContext": {"severity": alert.severity.value, "alert_id": alert.id},
        },
    }


def _description(alert: Alert) -> str:
    parts = [_plain(alert.summary), *_facts(alert.facts)]
    links = "\n".join(f"{name}: {address}" for name, address in alert.links.items())
    room = DESCRIPTION_CHARACTERS - len(links) - 1
    text = "\n".join(parts)
    return f"{text if len(text) <= room else text[: room - 4] + ' ...'}\n{links}".strip()


def _facts(facts: Mapping[str, Fact]) -> Iterator[str]:
    told = [(key, fact) for key, fact in facts.items() if not key.endswith("_note")]
    for key, fact in told[:_FACTS]:
        note = facts.get(f"{key}_note")
        text = _plain(f"{_words(fact)} ({note})" if note else _words(fact))
        short = text if len(text) <= _FACT_CHARACTERS else text[: _FACT_CHARACTERS - 4] + " ..."
        yield f"*{key.replace('_', ' ')}*: {short}"


def _words(fact: Fact) -> str:
    if isinstance(fact, dict):
        return "; ".join(f"{name}: {value}" for name, value in fact.items()) or "none"
    if isinstance(fact, list):
        return "; ".join(fact) or "none"
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return "not known" if fact is None else str(fact)


def _step(action: str) -> str:
    sentence, *commands = action.splitlines() or [""]
    return "\n".join([_plain(sentence), *(f"`{command.replace('`', "'")}`" for command in commands)])


def _plain(text: str) -> str:
    for pattern, instead in _MARKUP:
        text = pattern.sub(instead, text)
    return text

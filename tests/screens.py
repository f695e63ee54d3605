"""What the first screen of a telephone shows of a mail."""

from rds_operations.domain.alert_texts import email_text
from rds_operations.domain.alerts import Alert

# A telephone in the hand shows about 25 lines of 40 characters under the subject.
SCREEN_LINES, SCREEN_COLUMNS = 25, 40
LABELS = ("What:", "Where:", "Since:", "How bad:", "WHAT IT MEANS", "Do first:")


def screen(alert: Alert) -> str:
    """Return the beginning of a mail as a narrow screen breaks it."""
    lines: list[str] = []
    for line in email_text(alert).splitlines():
        lines += [line[at : at + SCREEN_COLUMNS] for at in range(0, len(line), SCREEN_COLUMNS)] or [""]
    return "".join(lines[:SCREEN_LINES])

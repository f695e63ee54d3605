"""Reads what a drill tells when it has ended."""

from collections.abc import Mapping

from rds_operations.domain.console_links import Place
from rds_operations.domain.drill_reports import DrillObjective, DrillReport, Verdict
from rds_operations.runtime.events.fields import section, text, utc_time, wrong

DETAIL_TYPE = "Drill Report"


def parse_drill_report(event: Mapping[str, object]) -> DrillReport:
    """Return the drill inside an EventBridge envelope of the detail type `Drill Report`.

    Raises:
        InvalidEventError: a field is missing or wrong; the message names it and what is allowed.
    """
    detail = section(event, "detail", "detail")
    drill = section(detail, "Drill", "detail.Drill")
    date = text(detail, "Date", "detail.Date")
    arn = text(detail, "SourceArn", "detail.SourceArn", default="")
    objectives = drill.get("objectives")
    if not isinstance(objectives, list) or not objectives:
        raise wrong("detail.Drill.objectives", objectives, "a list of objects that is not empty")
    return DrillReport(
        resource=text(detail, "SourceIdentifier", "detail.SourceIdentifier"),
        ended_at=utc_time(date, "detail.Date"),
        date=date,
        objectives=tuple(_objective(each, f"detail.Drill.objectives[{n}]") for n, each in enumerate(objectives)),
        report=text(drill, "report", "detail.Drill.report"),
        arn=arn,
        place=Place.of_arn(arn) or Place.of_region(text(event, "region", "region")),
        envelope_id=text(event, "id", "id", default=""),
    )


def _objective(value: object, path: str) -> DrillObjective:
    found = section({"it": value}, "it", path)
    verdict = text(found, "verdict", f"{path}.verdict")
    if verdict not in tuple(Verdict):
        raise wrong(f"{path}.verdict", verdict, "one of " + ", ".join(Verdict))
    return DrillObjective(
        identifier=text(found, "identifier", f"{path}.identifier"),
        promise=text(found, "promise", f"{path}.promise"),
        measured=text(found, "measured", f"{path}.measured"),
        verdict=Verdict(verdict),
    )

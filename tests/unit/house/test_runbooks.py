"""Every runbook can be used at three in the morning: the same sections, no invented command, name or link.

That its SQL runs is shown in tests/integration/test_runbook_sql.py.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from botocore.session import Session

from tests.aws_commands import commands, problems
from tests.runbooks import FOLDER, SECTIONS, STEMS, alarms, blocks_of, languages_of, prose_of, sections_of, sql_blocks
from tests.templates import ROOT, source
from tests.whole_tables import for_each

ALARMS = {row["stem"]: row for row in alarms()}
# Alerts without an alarm: RDS's events tell them.
EVENTS = {"failover"}
PROGRAMS = {"aws", "date", "echo", "export", "for", "done", "jq", "make", "psql", "sort", "tr", "uniq"}
# RDS User Guide, "Amazon CloudWatch metrics for Amazon RDS" and "… for Performance Insights".
METRICS = {
    "CPUCreditBalance", "CPUSurplusCreditBalance", "CPUSurplusCreditsCharged", "CPUUtilization", "DatabaseConnections",
    "DBLoadRelativeToNumVCPUs", "DiskQueueDepth", "EBSByteBalance%", "EBSIOBalance%", "FreeableMemory",
    "FreeStorageSpace", "MaximumUsedTransactionIDs", "OldestReplicationSlotLag", "ReadIOPS", "ReadLatency",
    "ReadThroughput", "ReplicaLag", "SwapUsage", "TransactionLogsDiskUsage", "TransactionLogsGeneration", "WriteIOPS",
    "WriteLatency", "WriteThroughput",
}  # fmt: skip
# Words of PostgreSQL, AWS and this kit that are written like a parameter's name.
OTHER_WORDS = {
    "AccessDenied", "AccessExclusiveLock", "ConfigurationError", "DataFileRead", "DBInstanceNotFound", "Deleted",
    "Enabled", "Errors", "Lock", "PendingConfirmation", "Throttles",
}  # fmt: skip
SHELL = [(stem, words) for stem in STEMS for block in blocks_of(stem, "sh") for words in commands(block)]


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def _names_of_rds() -> frozenset[str]:
    rds = Session().get_service_model("rds")
    members = {name for shape in rds.shape_names for name in getattr(rds.shape_for(shape), "members", {})}
    return frozenset({*rds.operation_names, *members})


def test_every_alarm_and_only_those_have_a_runbook_of_their_name() -> None:
    assert {*ALARMS, *EVENTS} == set(STEMS)


@for_each("stem", STEMS)
def test_runbook_has_its_sections_in_order(stem: str) -> None:
    title, _, introduction = prose_of(stem).split("\n", 2)

    assert title == f"# {stem}"
    assert tuple(sections_of(stem)) == SECTIONS
    assert stem in EVENTS or f"`<project>-<environment>-{stem}" in introduction.split("\n## ")[0]


@for_each("stem", STEMS)
def test_no_section_is_empty(stem: str) -> None:
    assert [name for name, prose in sections_of(stem).items() if not prose.strip()] == []


@for_each("stem", sorted(set(STEMS) - EVENTS))
def test_meaning_names_the_threshold_or_says_that_there_is_none_to_set(stem: str) -> None:
    meaning, alarm = " ".join(sections_of(stem)["Meaning"].split()), ALARMS[stem]
    named = [part["parameter"] for part in (alarm.get("threshold"), alarm.get("period")) if isinstance(part, dict)]

    assert [name for name in named if f"`{name}`" not in meaning] == []
    assert named or "The threshold is fixed" in meaning or "no threshold of its own" in meaning


@for_each("stem", STEMS)
def test_mitigation_tells_the_quick_act_the_lasting_one_and_whom_to_call(stem: str) -> None:
    leads = re.findall(r"^\*\*(.+?)\*\*", sections_of(stem)["Mitigation"], re.MULTILINE)
    risky = ["Not without a second person."] if len(leads) > 3 else []

    assert leads == ["Now, safe.", "For good.", *risky, "Call"]


@for_each("stem", STEMS)
def test_blocks_are_sql_or_shell_and_both_are_there_where_an_alarm_needs_them(stem: str) -> None:
    languages = languages_of(stem)

    assert set(languages) <= {"sql", "sh"}
    assert "sql" in languages


@for_each("block", sql_blocks(), ids=str)
def test_sql_block_is_one_statement_with_a_title(block: Any) -> None:
    assert block.title
    assert block.text.rstrip().endswith(";")
    assert block.text.count(";") == 1


@for_each("block", sql_blocks(), ids=str)
def test_what_only_a_replica_knows_is_asked_there(block: Any) -> None:
    names = r"pg_last_wal_|pg_last_xact_|pg_stat_wal_receiver|pg_stat_database_conflicts"

    assert block.is_for_the_replica or not re.search(names, block.text)


def test_no_statement_of_a_diagnosis_is_copied() -> None:
    texts = Counter(block.statement for block in sql_blocks() if not block.placeholders)

    assert [text for text, times in texts.items() if times > 1] == []


def test_no_two_statements_of_a_runbook_have_the_same_title() -> None:
    titles = Counter(str(block) for block in sql_blocks())

    assert [title for title, times in titles.items() if times > 1] == []


def test_no_sentence_is_copied_from_runbook_to_runbook() -> None:
    sentences = Counter(
        sentence
        for stem in STEMS
        for section in (*SECTIONS[:-1],)
        for sentence in {" ".join(part.split()) for part in re.split(r"(?<=[.:])\s", sections_of(stem)[section])}
        if len(sentence) > 70
    )

    assert [sentence for sentence, times in sentences.items() if times > 1] == []


@for_each(("stem", "words"), SHELL, ids=lambda value: value if isinstance(value, str) else value[0])
def test_command_is_one_that_exists(stem: str, words: list[str]) -> None:
    assert words[0] in PROGRAMS
    assert words[0] != "aws" or problems(words) == []


def test_metrics_in_commands_are_ones_that_rds_has() -> None:
    asked = {words[i + 1] for _, words in SHELL for i, word in enumerate(words) if word == "--metric-name"}
    looped = {name for _, words in SHELL if words[:3] == ["for", "metric", "in"] for name in words[3:]}

    assert looped
    assert (asked - {"$metric"}) | looped <= METRICS


def test_exports_in_commands_are_the_templates() -> None:
    asked = {name for _, words in SHELL for word in words for name in re.findall(r"Exports\[\?Name=='(.+?)'", word)}
    exports = [
        output["Export"]["Name"]["Fn::Sub"] for output in source("root")["Outputs"].values() if "Export" in output
    ]

    assert asked
    assert asked <= {name.replace("${Environment}-${ProjectName}", "prod-langpont") for name in exports}


def test_log_groups_in_commands_are_those_of_the_functions() -> None:
    groups = {word for _, words in SHELL for word in words if word.startswith("/aws/lambda/")}
    stems = {path.parent.name.replace("_", "-") for path in (ROOT / "functions").glob("*/app.py")}

    assert groups <= {f"/aws/lambda/langpont-prod-{stem}" for stem in (*stems, "<function>")}


@for_each("stem", STEMS)
def test_names_of_parameters_and_metrics_exist(stem: str) -> None:
    known = {*source("root")["Parameters"], *METRICS, *_names_of_rds(), *OTHER_WORDS}
    named = re.findall(r"`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*%?)`", prose_of(stem))

    assert [name for name in named if name not in known] == []


@for_each("stem", STEMS)
def test_links_lead_to_files_and_headings_that_exist(stem: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", prose_of(stem)) if not link.startswith("https://")]
    targets = [
        ((FOLDER / path).resolve() if path else FOLDER / f"{stem}.md", anchor) for path, _, anchor in map(_split, links)
    ]

    assert [path for path, _ in targets if not path.exists()] == []
    assert [f"{path.name}#{anchor}" for path, anchor in targets if anchor and anchor not in _anchors(path)] == []


@for_each("stem", STEMS)
def test_sources_name_pages_of_aws_or_postgresql(stem: str) -> None:
    links = re.findall(r"\]\((https://[^/)]+)", sections_of(stem)["Sources"])

    assert links
    assert set(links) <= {"https://docs.aws.amazon.com", "https://repost.aws", "https://www.postgresql.org"}


@for_each(
    ("command", "problem"),
    [
        ("aws rds reboot-instance", "rds has no operation reboot-instance"),
        ("aws rdss describe-db-instances", "there is no service rdss"),
        ("aws rds describe-db-instances --instance a", "rds describe-db-instances knows no --instance"),
        ("aws rds start-db-instance", "start-db-instance needs --db-instance-identifier"),
        ("aws rds describe-events --source-type instance", "--source-type is one of"),
        ("aws rds describe-events --duration an-hour", "--duration is a number"),
        ("aws cloudwatch get-metric-data --metric-data-queries Identifier=a", "has no part Identifier"),
        ("aws rds describe-db-instances --query 'DBInstances[].Status'", "no answer of describe-db-instances has"),
        ("aws rds describe-db-snapshots --query 'DBSnapshots[?State==`1`].Status'", "no answer of"),
        ("aws rds describe-db-instances --query 'DBInstances[0'", "--query of describe-db-instances"),
        ("aws rds describe-db-snapshots --query 'DBSnapshots[-1].Status' --output text", "asks each page"),
        ("aws rds wait db-instance-awake", "rds cannot wait for db-instance-awake"),
        ("aws rds wait db-instance-available --instance a", "rds describe-db-instances knows no --instance"),
        ("aws logs tail /aws/lambda/a --until now", "logs tail knows no --until"),
        ("aws lambda invoke --function-name a out more", "loose words after invoke"),
        ('aws sqs purge-queue --queue-url "$(aws sqs find-queue)"', "sqs has no operation find-queue"),
    ],
)
def test_invented_command_is_noticed(command: str, problem: str) -> None:
    found = [text for words in commands(command) for text in problems(words)]

    assert any(problem in text for text in found), found


def _split(link: str) -> tuple[str, str, str]:
    return link.partition("#")

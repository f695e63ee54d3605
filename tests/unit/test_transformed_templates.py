"""Scanners get every template as it is written and as SAM transforms it."""

import json
from pathlib import Path

import pytest

from generators.transform import main
from tests.templates import ROOT, TEMPLATES

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_template_is_written_as_cloudformation_sees_it(tmp_path: Path) -> None:
    assert main([str(tmp_path / "transformed")]) == 0

    written = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "transformed").iterdir()}

    types = {resource["Type"] for template in written.values() for resource in template["Resources"].values()}
    assert set(written) == set(TEMPLATES)
    assert {"AWS::IAM::Role", "AWS::Lambda::Function", "AWS::RDS::DBInstance"} <= types
    assert not any(name.startswith("AWS::Serverless::") for name in types)


def test_template_that_is_gone_is_not_scanned_any_more(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}")

    main([str(tmp_path)])

    assert not (tmp_path / "gone.json").exists()


def test_folder_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert capsys.readouterr().err == "error: name one folder to write to\n"


def test_option_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["--help"]) == 1

    refused = "error: --help is no folder, allowed: a name that does not begin with a hyphen\n"
    assert (capsys.readouterr().err, list(tmp_path.iterdir())) == (refused, [])


def test_lint_scans_both_forms_and_asks_for_policies_and_retentions() -> None:
    assert "checkov --config-file .checkov.yaml --file $(TEMPLATES) build/transformed/*.json" in MAKEFILE
    assert "cfn-lint --regions ap-northeast-1 --include-checks I3011 I3013 -- $(TEMPLATES)" in MAKEFILE
    assert "skip-download: true" in (ROOT / ".checkov.yaml").read_text(encoding="utf-8")

"""The templates as data: as they are written, and as SAM transforms them for CloudFormation."""

import copy
import logging
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import intrinsics_multi_constructor

from generators.fields import LOADER

ROOT_TEMPLATE = "root"
SAM = "AWS::Serverless-2016-10-31"

# What samtranslator's yaml_parse does, but a class of its own: a table may hold no intrinsic function.
_LOADER: Any = type("TemplateLoader", (LOADER,), {})
_LOADER.add_multi_constructor("!", intrinsics_multi_constructor)

type Template = dict[str, Any]


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def template_paths(root: Path) -> Mapping[str, Path]:
    """Return where the templates of a checkout are, by name: `root`, and the stems of stacks/*.yaml."""
    return {
        ROOT_TEMPLATE: root / "template.yaml",
        **{path.stem: path for path in sorted((root / "stacks").glob("*.yaml"))},
    }


def source(root: Path, name: str) -> Template:
    """Return a template as it is written. It is shared: whoever changes it copies it first."""
    return _parsed(template_paths(root)[name].read_text(encoding="utf-8"))


def transformed(root: Path, name: str) -> Template:
    """Return a template as CloudFormation sees it, without AWS::LanguageExtensions. It is shared, too."""
    return _transformed(template_paths(root)[name].read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> Template:
    template: Template = yaml.load(text, Loader=_LOADER)  # noqa: S506
    return template


@cache
def _transformed(text: str) -> Template:
    written = copy.deepcopy(_parsed(text))
    if written.get("Transform") != SAM:
        return written
    os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")
    # It counts its own use, and complains about each count that nobody collects.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    for resource in written["Resources"].values():
        for code in {"CodeUri", "ContentUri"} & set(resource.get("Properties", {})):
            # `sam package` uploads what lies there; the transform takes nothing else.
            resource["Properties"][code] = "s3://bucket/key"
    result: Template = transform(written, {}, _NoManagedPolicies())
    return result

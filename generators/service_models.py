"""Cuts botocore's own models of the services to the operations that are used (docs/adr/0009-cold-starts.md).

A client reads its service's whole model when it is made, EC2's with 2,000 shapes or more, and the endpoints of every
service there is. What is kept is kept word by word; only what people read is dropped.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from botocore.loaders import Loader

from generators.errors import GeneratorError
from generators.pieces import Document

TABLE = "generators/tables/operations.yaml"
FOLDER = "layers/operations/rds_operations/service_models"

_FOR_PEOPLE = {"documentation", "examples"}
_REFERENCES = ("member", "key", "value")

type Model = Mapping[str, Any]


def generate(root: Path) -> Iterable[Document]:
    """Return the model, rules of endpoints and pages of each service in the table, and the endpoints of all.

    Raises:
        GeneratorError: botocore knows no such service or operation.
    """
    loader, prefixes = Loader(), list[str]()
    for service, operations in operations_used(root).items():
        if service not in loader.list_available_services("service-2"):
            raise GeneratorError(f"{TABLE}: botocore knows no service {service!r}")
        version = loader.determine_latest_version(service, "service-2")
        whole = loader.load_service_model(service, "service-2", version)
        prefixes.append(whole["metadata"]["endpointPrefix"])
        kept = {
            "service-2": cut_model(service, whole, operations),
            "endpoint-rule-set-1": loader.load_service_model(service, "endpoint-rule-set-1", version),
            "paginators-1": _pages(loader.load_service_model(service, "paginators-1", version), operations),
        }
        for name, model in kept.items():
            yield Document(f"{FOLDER}/{service}/{version}/{name}.json", _text(model))
    yield Document(f"{FOLDER}/endpoints.json", _text(_endpoints(loader.load_data("endpoints"), prefixes)))


def operations_used(root: Path) -> Mapping[str, Sequence[str]]:
    """Return the operations that are used of each service, as AWS names them."""
    used: Mapping[str, Sequence[str]] = yaml.safe_load((root / TABLE).read_text(encoding="utf-8"))
    return used


def cut_model(service: str, model: Model, operations: Iterable[str]) -> Model:
    """Return the model with these operations, the shapes that they need and no words for people.

    Args:
        service: Its name, for the message.
        model: As botocore has it.
        operations: Which stay.

    Raises:
        GeneratorError: the model has no such operation.
    """
    if missing := [name for name in operations if name not in model["operations"]]:
        raise GeneratorError(f"{TABLE}: {service} has no operation {missing[0]!r}")
    kept = {name: _plain(model["operations"][name]) for name in operations}
    shapes = {name: _shape(model["shapes"][name]) for name in sorted(_needed(model["shapes"], kept.values()))}
    return {**_plain(model), "operations": kept, "shapes": shapes}


def _needed(shapes: Model, operations: Iterable[Model]) -> set[str]:
    """Return the names of all shapes that are reached from what is sent, answered and refused."""
    needed = set[str]()
    reached = [
        reference["shape"]
        for operation in operations
        for reference in (operation.get("input"), operation.get("output"), *operation.get("errors", ()))
        if reference
    ]
    while reached:
        name = reached.pop()
        if name not in needed:
            needed.add(name)
            reached += [reference["shape"] for reference in _references(shapes[name])]
    return needed


def _references(shape: Model) -> Iterator[Model]:
    yield from shape.get("members", {}).values()
    yield from (shape[kind] for kind in _REFERENCES if kind in shape)


def _shape(shape: Model) -> Model:
    # A member may be called "documentation".
    members = {"members": {name: _plain(each) for name, each in shape["members"].items()}} if "members" in shape else {}
    return {**_plain(shape), **members, **{kind: _plain(shape[kind]) for kind in _REFERENCES if kind in shape}}


def _plain(each: Model) -> Model:
    return {name: value for name, value in each.items() if name not in _FOR_PEOPLE}


def _pages(model: Model, operations: Iterable[str]) -> Model:
    pages = {name: model["pagination"][name] for name in operations if name in model["pagination"]}
    return {**model, "pagination": pages}


def _endpoints(model: Model, prefixes: Iterable[str]) -> Model:
    def of_services_used(services: Model) -> Model:
        return {name: services[name] for name in sorted(prefixes) if name in services}

    partitions = [{**each, "services": of_services_used(each["services"])} for each in model["partitions"]]
    return {**model, "partitions": partitions}


def _text(model: Model) -> str:
    """Return JSON with an operation or a shape a line, so that people see what a new botocore changes."""
    entries = (f"{json.dumps(name)}: {_value(value)}" for name, value in model.items())
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _value(value: object) -> str:
    match value:
        case dict():
            lines = (f" {json.dumps(name)}: {json.dumps(each)}" for name, each in value.items())
            return "{\n" + ",\n".join(lines) + "\n}"
        case list():
            return "[\n" + ",\n".join(f" {json.dumps(each)}" for each in value) + "\n]"
        case _:
            return json.dumps(value)

"""Builds the application and uploads it, so that CloudFormation can be handed one template."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deployment import sam
from deployment.bytecode import compile_layers
from deployment.errors import DeploymentError
from deployment.place import Place
from deployment.samconfig import Target

LOGS = Path("build", "deployment")
PACKAGED = Path(".aws-sam", "packaged.json")
_BUCKET = re.compile(r"\"s3://([^/\"]+)/")
_ARCHITECTURE = "Architecture"


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where SAM works.

    Args:
        root: The checkout.
        programs: The folder of the programs of its Python environment.
        surroundings: Environment variables.
    """

    root: Path
    programs: Path
    surroundings: Mapping[str, str]

    def run(self, command: str, *arguments: str, variables: Mapping[str, str] | None = None) -> None:
        """Run a command of SAM; errors as `sam.run_program`."""
        sam.run_program(
            [self.programs / "sam", command, *arguments],
            folder=self.root,
            environment={**sam.quiet_environment(self.programs, self.surroundings), **(variables or {})},
            log=self.root / LOGS / f"sam-{command}.log",
            deadline_seconds=sam.DEADLINE_SECONDS,
        )


def build(workshop: Workshop, target: Target) -> None:
    """Run `sam build` for the architecture that the environment asks for, and compile the layers.

    The embedded environment needs this machine's architecture.

    Raises:
        DeploymentError: the build failed.
    """
    architecture = sam.machine_architecture() if target.is_local else target.parameters.get(_ARCHITECTURE)
    overrides = ["--parameter-overrides", f"{_ARCHITECTURE}={architecture}"] if architecture else []
    workshop.run("build", "--config-env", target.environment, *overrides)
    compile_layers(workshop.root)


def package(workshop: Workshop, target: Target, place: Place) -> Path:
    """Run `sam package`, which uploads what was built, and return the template that leads to it.

    Raises:
        DeploymentError: nothing was built, or the upload failed.
    """
    packaged = workshop.root / PACKAGED
    bucket = ["--s3-bucket", target.bucket] if target.bucket else ["--resolve-s3"]
    arguments = ["--region", target.region, *bucket, "--use-json", "--output-template-file", str(packaged)]
    workshop.run("package", "--config-env", target.environment, *arguments, variables=place.variables)
    return packaged


def upload_root(packaged: Path, target: Target, place: Place) -> str:
    """Put the packaged root template beside its parts and return the address that CloudFormation reads it from.

    A template that is sent along may have 51,200 bytes, one that is fetched from S3 a megabyte (CloudFormation user
    guide, "Understand CloudFormation quotas").

    Raises:
        DeploymentError: the template was not packaged.
    """
    body = packaged.read_bytes()
    found = _BUCKET.search(body.decode("utf-8"))
    if found is None:
        raise DeploymentError(f"{packaged} leads to nothing in S3: `sam package` has not made it")
    key = f"{target.stack_name}/{hashlib.sha256(body).hexdigest()}.template"
    s3 = place.s3
    s3.put_object(Bucket=found[1], Key=key, Body=body)
    return f"{s3.meta.endpoint_url}/{found[1]}/{key}"

"""What a deployed stack says about the servers and logins that a pooler needs; the embedded one is asked the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.errors import LocalError
from local.pooler.configuration import SERVER_CONNECTIONS, Login, Upstream, Upstreams
from local.redrive.places import Place
from local.redrive.queues import in_words

_RDS_AUTHORITIES = Path(__file__).resolve().parents[2] / "layers/postgres/rds_postgres/certificates/global-bundle.pem"


def read_upstreams(place: Place) -> Upstreams:
    """Return what the pooler of a deployment leads to.

    Args:
        place: The deployment; whoever asks may read the secrets of the two roles.

    Raises:
        LocalError: there is no such deployment, it made no secrets, the pool does not fit, or AWS could not be asked.
    """
    with in_words(f"looking into stack {place.stack_name}"):
        cloudformation = place.session.client("cloudformation", endpoint_url=place.endpoint_url)
        (stack,) = cloudformation.describe_stacks(StackName=place.stack_name)["Stacks"]
    parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    _require_room(int(parameters["MaxConnections"]))
    # PgBouncer takes no address beside the name: where the name does not resolve, the certificate holds the address.
    address = parameters.get("DatabaseHostAddress", "")
    bundle = parameters.get("DatabaseCaBundle", "")

    def upstream(output: str, secret: str) -> Upstream:
        host, port = address or outputs[f"{output}Endpoint"], int(outputs[f"{output}Port"])
        return Upstream(host, port, _login(place, outputs, secret))

    return Upstreams(
        database=parameters["DBName"],
        writer=upstream("Primary", "AppRoleSecretArn"),
        reader=upstream("Replica", "ReadonlyRoleSecretArn"),
        authorities=(Path(bundle) if bundle else _RDS_AUTHORITIES).read_text(encoding="utf-8"),
    )


def _require_room(max_connections: int) -> None:
    """The set-up gives each role nine tenths of the server's connections (docs/database-roles.md)."""
    limit = max_connections * 9 // 10
    if limit < SERVER_CONNECTIONS:
        raise LocalError(
            f"a pool opens up to {SERVER_CONNECTIONS} server connections, and the roles may have {limit} "
            f"(MaxConnections={max_connections}): raise MaxConnections, or lower default_pool_size by hand"
        )


def _login(place: Place, outputs: Mapping[str, str], output: str) -> Login:
    arn = outputs.get(output, "")
    if not arn:
        raise LocalError(
            f"stack {place.stack_name} made no secret ({output} is empty): docs/pgbouncer.md says how to write "
            "the list of users by hand"
        )
    with in_words(f"reading {output} of stack {place.stack_name}"):
        secrets = place.session.client("secretsmanager", endpoint_url=place.endpoint_url)
        content: dict[str, Any] = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    return Login(content["username"], content["password"])

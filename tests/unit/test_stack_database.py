"""S1 to S9 and S14: the primary and its replicas as the templates make them."""

from typing import Any

import pytest

from tests.stack_plan import Stack, root
from tests.templates import source

INSTANCE = "AWS::RDS::DBInstance"
WEEK_MINUTES, DAY_MINUTES = 7 * 24 * 60, 24 * 60
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

PLAN = root(ReplicaCount=2)
PRIMARY, REPLICA_1, REPLICA_2 = (properties for _, properties in PLAN.made(INSTANCE))
INSTANCES = {each["DBInstanceIdentifier"]: each for each in (PRIMARY, REPLICA_1, REPLICA_2)}
every_instance = pytest.mark.parametrize("instance", INSTANCES.values(), ids=INSTANCES.keys())
every_replica = pytest.mark.parametrize("replica", [REPLICA_1, REPLICA_2], ids=["replica 1", "replica 2"])


def database(**values: Any) -> Stack:
    return root(**values).nested("DatabaseStack")


def tags(properties: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties["Tags"]}


def test_engine_is_postgresql_16_and_upgrades_itself() -> None:
    assert (PRIMARY["Engine"], PRIMARY["EngineVersion"]) == ("postgres", "16.14")
    assert PRIMARY["AutoMinorVersionUpgrade"] is True
    assert PRIMARY["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert not {"OptionGroupName", "CharacterSetName", "AllowMajorVersionUpgrade"} & set(PRIMARY)


def test_engine_version_is_asked_for_before_the_instance_is_touched() -> None:
    stack = source("database")["Resources"]
    version = stack["ResolvedEngineVersion"]["Properties"]

    assert stack["PrimaryInstance"]["Properties"]["EngineVersion"] == {
        "Fn::GetAtt": ["ResolvedEngineVersion", "EngineVersion"]
    }
    assert version["ServiceToken"] == {"Fn::GetAtt": ["ResolveEngineVersionFunction", "Arn"]}
    assert version["EngineVersion"] == {"Ref": "EngineVersion"}
    assert version["DBInstanceIdentifier"] == stack["PrimaryInstance"]["Properties"]["DBInstanceIdentifier"]


def test_instance_has_the_design_s_name_class_database_and_port() -> None:
    named = {name: PRIMARY[name] for name in ("DBInstanceIdentifier", "DBInstanceClass", "DBName", "Port")}

    assert named == {
        "DBInstanceIdentifier": "langpont-prod-db",
        "DBInstanceClass": "db.t3.medium",
        "DBName": "langpont",
        "Port": "5432",
    }


def test_storage_is_gp3_grows_by_itself_and_is_encrypted_with_the_project_s_key() -> None:
    assert (PRIMARY["StorageType"], PRIMARY["AllocatedStorage"], PRIMARY["MaxAllocatedStorage"]) == (
        "gp3",
        "100",
        "1000",
    )
    assert PRIMARY["StorageEncrypted"] is True
    assert PRIMARY["KmsKeyId"] == "KeysStack/StorageKey.Arn"
    # RDS refuses both below 400 GiB, and has more than enough above.
    assert not {"Iops", "StorageThroughput"} & set(PRIMARY)


def test_standby_runs_in_another_zone_unless_it_is_not_wanted() -> None:
    assert PRIMARY["MultiAZ"] == "true"
    assert database(MultiAZ="false").resource("PrimaryInstance")["MultiAZ"] == "false"
    # RDS refuses a zone together with a standby.
    assert "AvailabilityZone" not in PRIMARY


def test_windows_are_the_design_s_and_part() -> None:
    backup = [_minutes(time) for time in PRIMARY["PreferredBackupWindow"].split("-")]
    maintenance = [_minutes_of_week(time) for time in PRIMARY["PreferredMaintenanceWindow"].split("-")]
    backups = [[day * DAY_MINUTES + minutes for minutes in backup] for day in range(7)]

    assert PRIMARY["PreferredBackupWindow"] == "03:00-04:00"
    assert PRIMARY["PreferredMaintenanceWindow"] == "sun:04:30-sun:05:30"
    assert PRIMARY["BackupRetentionPeriod"] == "7"
    assert all(end <= maintenance[0] or start >= maintenance[1] for start, end in backups)


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _minutes_of_week(time: str) -> int:
    day, rest = time.split(":", 1)
    return DAYS.index(day) * DAY_MINUTES + _minutes(rest)


def test_primary_is_kept_from_loss() -> None:
    resource = source("database")["Resources"]["PrimaryInstance"]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert PRIMARY["DeletionProtection"] == "true"
    assert PRIMARY["DeleteAutomatedBackups"] is False
    assert database(DeletionProtection="false").resource("PrimaryInstance")["DeletionProtection"] == "false"


@every_instance
def test_instance_copies_its_tags_to_snapshots(instance: dict[str, Any]) -> None:
    assert instance["CopyTagsToSnapshot"] is True


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_things_are_tagged_with_the_design_s_names(environment: str) -> None:
    plan = root(Environment=environment, ReplicaCount=2)
    (subnet_group,) = [properties for _, properties in plan.made("AWS::RDS::DBSubnetGroup")]
    names = [tags(properties)["Name"] for _, properties in plan.made(INSTANCE)]

    assert names == [f"{environment}-langpont-{each}" for each in ("database", "read-replica", "read-replica-2")]
    assert tags(subnet_group)["Name"] == f"{environment}-langpont-db-subnet-group"
    assert {tags(properties)["Environment"] for _, properties in plan.made(INSTANCE)} == {environment}


@every_instance
def test_instance_is_monitored(instance: dict[str, Any]) -> None:
    assert (instance["MonitoringInterval"], instance["MonitoringRoleArn"]) == (60, "DatabaseStack/MonitoringRole.Arn")
    assert instance["EnablePerformanceInsights"] is True
    assert instance["PerformanceInsightsRetentionPeriod"] == 7
    assert instance["PerformanceInsightsKMSKeyId"] == "KeysStack/PerformanceInsightsKey.Arn"
    assert instance["EnableCloudwatchLogsExports"] == ["postgresql", "upgrade"]


def test_database_insights_run_in_standard_mode() -> None:
    # A replica does not take the setting (RDS API reference, CreateDBInstanceReadReplica); standard is its default.
    assert [each.get("DatabaseInsightsMode") for each in INSTANCES.values()] == ["standard", None, None]


def test_only_rds_of_this_account_takes_the_monitoring_role() -> None:
    role = PLAN.nested("DatabaseStack").resource("MonitoringRole")
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert role["ManagedPolicyArns"] == ["arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"]
    assert "Policies" not in role


@every_instance
def test_exported_logs_have_groups_with_a_retention(instance: dict[str, Any]) -> None:
    kept = {each["LogGroupName"]: each["RetentionInDays"] for _, each in PLAN.made("AWS::Logs::LogGroup")}
    groups = [
        f"/aws/rds/instance/{instance['DBInstanceIdentifier']}/{log}" for log in instance["EnableCloudwatchLogsExports"]
    ]

    assert [kept[group] for group in groups] == ["365", "365"]


@pytest.mark.parametrize(("stack", "instance"), [("database", "PrimaryInstance"), ("replica", "ReplicaInstance")])
def test_log_groups_are_there_before_the_instance(stack: str, instance: str) -> None:
    assert source(stack)["Resources"][instance]["DependsOn"] == ["PostgresqlLogGroup", "UpgradeLogGroup"]


def test_retention_of_logs_is_a_parameter() -> None:
    plan = root(ReplicaCount=2, LogRetentionDays=30, FlowLogs="true")

    assert {each["RetentionInDays"] for _, each in plan.made("AWS::Logs::LogGroup")} == {"30"}


def test_master_password_is_generated_long_and_safe_in_a_url() -> None:
    secret = PLAN.nested("DatabaseStack").resource("MasterSecret")["GenerateSecretString"]

    assert secret["PasswordLength"] == 32
    assert secret["ExcludePunctuation"] is True
    assert (secret["SecretStringTemplate"], secret["GenerateStringKey"]) == (
        '{"username": "langpont_admin"}',
        "password",
    )


def test_master_password_is_resolved_by_reference_and_never_a_parameter() -> None:
    named = [name for stack in ("root", "database") for name in source(stack)["Parameters"]]

    assert (
        PRIMARY["MasterUserPassword"] == "{{resolve:secretsmanager:DatabaseStack/MasterSecret:SecretString:password}}"
    )
    assert not [name for name in named if "password" in name.lower()]
    # RDS makes no replicas of an instance whose password it manages itself.
    assert "ManageMasterUserPassword" not in PRIMARY


def test_secret_is_attached_to_the_instance() -> None:
    attachment = PLAN.nested("DatabaseStack").resource("MasterSecretAttachment")

    assert attachment["SecretId"] == "DatabaseStack/MasterSecret"
    assert (attachment["TargetId"], attachment["TargetType"]) == ("langpont-prod-db", INSTANCE)


def test_master_user_is_not_shown() -> None:
    assert source("root")["Parameters"]["DBUsername"]["NoEcho"] is True
    assert source("database")["Parameters"]["DBUsername"]["NoEcho"] is True


def test_rotation_is_off_unless_days_are_given() -> None:
    rotation = "AWS::SecretsManager::RotationSchedule"
    (schedule,) = [each for _, each in root(MasterSecretRotationDays=30).made(rotation)]
    hosted = schedule["HostedRotationLambda"]

    assert list(PLAN.made(rotation)) == []
    assert schedule["SecretId"] == "DatabaseStack/MasterSecretAttachment"
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": "30"}
    assert schedule["RotateImmediatelyOnUpdate"] is False
    assert hosted["RotationType"] == "PostgreSQLSingleUser"
    assert hosted["VpcSecurityGroupIds"] == "NetworkStack/AutomationSecurityGroup"
    assert not {*hosted["ExcludeCharacters"]} & {*"abcXYZ019"}
    assert {*hosted["ExcludeCharacters"]} == {chr(code) for code in range(33, 127) if not chr(code).isalnum()}


@every_instance
def test_people_and_functions_log_in_by_iam(instance: dict[str, Any]) -> None:
    assert instance["EnableIAMDatabaseAuthentication"] is True


@every_instance
def test_instance_is_private_and_has_the_current_certificate(instance: dict[str, Any]) -> None:
    assert instance["PubliclyAccessible"] is False
    assert instance["VPCSecurityGroups"] == ["NetworkStack/DatabaseSecurityGroup"]
    assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"
    assert instance["DBParameterGroupName"].endswith("/ParameterGroup")


@pytest.mark.parametrize(("count", "identifiers"), [(0, []), (1, ["replica-1"]), (2, ["replica-1", "replica-2"])])
def test_there_are_as_many_replicas_as_asked_for(count: int, identifiers: list[str]) -> None:
    made = [properties["DBInstanceIdentifier"] for _, properties in root(ReplicaCount=count).made(INSTANCE)]

    assert made == ["langpont-prod-db", *(f"langpont-prod-{each}" for each in identifiers)]


def test_replicas_have_the_design_s_classes() -> None:
    assert (REPLICA_1["DBInstanceClass"], REPLICA_2["DBInstanceClass"]) == ("db.t3.medium", "db.t3.large")


def test_replica_1_has_the_class_of_the_primary() -> None:
    made = [properties["DBInstanceClass"] for _, properties in root(DBInstanceClass="db.r6g.large").made(INSTANCE)]

    assert made == ["db.r6g.large", "db.r6g.large"]


def test_replicas_stand_in_the_second_and_third_zone_or_where_they_are_told_to() -> None:
    told = root(
        ReplicaCount=2,
        AvailabilityZones="ap-northeast-1b,ap-northeast-1c,ap-northeast-1d",
        Replica1AvailabilityZone="ap-northeast-1d",
        Replica2AvailabilityZone="ap-northeast-1b",
    )
    zones = [properties["AvailabilityZone"] for _, properties in told.made(INSTANCE) if "MultiAZ" not in properties]

    assert (REPLICA_1["AvailabilityZone"], REPLICA_2["AvailabilityZone"]) == ("ap-northeast-1c", "ap-northeast-1d")
    assert zones == ["ap-northeast-1d", "ap-northeast-1b"]


def test_rds_chooses_the_zone_where_nobody_knows_those_of_the_subnets() -> None:
    plan = root(VpcId="vpc-1", PrivateSubnetIds="subnet-1,subnet-2,subnet-3", ReplicaCount=2)

    assert [properties for _, properties in plan.made(INSTANCE) if "AvailabilityZone" in properties] == []


@every_replica
def test_replica_follows_the_primary_and_inherits_the_rest(replica: dict[str, Any]) -> None:
    # RDS refuses them on a replica in the same region (RDS API reference, CreateDBInstanceReadReplica).
    inherited = {
        "StorageEncrypted", "KmsKeyId", "Engine", "EngineVersion", "EngineLifecycleSupport", "DBName", "MasterUsername",
        "MasterUserPassword", "BackupRetentionPeriod", "PreferredBackupWindow", "DBSubnetGroupName",
    }  # fmt: skip

    assert replica["SourceDBInstanceIdentifier"] == "langpont-prod-db"
    assert replica["MaxAllocatedStorage"] == PRIMARY["MaxAllocatedStorage"]
    assert replica["PreferredMaintenanceWindow"] == PRIMARY["PreferredMaintenanceWindow"]
    assert not inherited & set(replica)


@pytest.mark.parametrize("stack", ["Replica1Stack", "Replica2Stack"])
def test_replica_waits_for_its_primary(stack: str) -> None:
    assert source("database")["Resources"][stack]["DependsOn"] == "PrimaryInstance"


@every_replica
def test_replica_can_be_taken_away_again(replica: dict[str, Any]) -> None:
    assert "DeletionProtection" not in replica
    assert source("replica")["Resources"]["ReplicaInstance"]["DeletionPolicy"] == "Delete"

-- Run by the superuser, which on RDS belongs to AWS: the roles that a new RDS instance has.
CREATE ROLE replicator LOGIN REPLICATION;

-- On RDS, membership makes a role log in with an IAM token instead of a password. Here it is only a name to grant.
CREATE ROLE rds_iam NOLOGIN;

-- On RDS, what the master user is a member of: not a superuser, but allowed to hand these on.
CREATE ROLE rds_superuser NOLOGIN;
GRANT pg_monitor, pg_signal_backend, rds_iam TO rds_superuser WITH ADMIN OPTION;

CREATE ROLE langpont_admin LOGIN CREATEDB CREATEROLE;
GRANT rds_superuser TO langpont_admin;

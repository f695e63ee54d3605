-- The role of the metrics function. Run it on RDS as the master user, in the database of the application; the embedded
-- environment runs the same file. It reads these tables and the server's statistics, and nothing else.
CREATE ROLE langpont_metrics LOGIN;
ALTER ROLE langpont_metrics SET default_transaction_read_only = on;
-- On RDS: it logs in with an IAM token (RDS User Guide, "IAM database authentication").
GRANT rds_iam TO langpont_metrics;
GRANT pg_monitor TO langpont_metrics;
GRANT CONNECT ON DATABASE langpont TO langpont_metrics;
GRANT USAGE ON SCHEMA analytics, translations, monitoring TO langpont_metrics;
GRANT SELECT ON
    analytics.analytics_events,
    translations.translation_history,
    monitoring.analysis_activity_log
TO langpont_metrics;

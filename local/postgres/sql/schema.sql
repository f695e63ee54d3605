-- LangPont's tables, as far as metrics and drills need them. Run by the master user in its own database.
CREATE SCHEMA analytics;
CREATE SCHEMA translations;
CREATE SCHEMA monitoring;

CREATE TABLE analytics.analytics_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_name text NOT NULL,
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    user_id integer,  -- NULL: a visitor without an account
    session_id text NOT NULL,
    page_path text NOT NULL,
    user_language text NOT NULL
);
CREATE INDEX analytics_events_timestamp ON analytics.analytics_events ("timestamp");
CREATE INDEX analytics_events_user_id ON analytics.analytics_events (user_id);

CREATE TABLE translations.translation_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    user_id integer,
    source_language text NOT NULL,
    target_language text NOT NULL,
    source_text text NOT NULL,
    translated_text text,  -- NULL: the engine failed
    engine text NOT NULL,
    processing_time double precision  -- seconds; NULL: the engine failed
);
CREATE INDEX translation_history_created_at ON translations.translation_history (created_at);
CREATE INDEX translation_history_user_id ON translations.translation_history (user_id);

CREATE TABLE monitoring.analysis_activity_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    user_id integer,
    analysis_engine text NOT NULL,
    analysis_duration double precision NOT NULL,  -- seconds
    error_occurred boolean NOT NULL DEFAULT false,
    error_message text
);
CREATE INDEX analysis_activity_log_created_at ON monitoring.analysis_activity_log (created_at);

\set user_id random(1, 420)
\set session random(1, 1000000000)
INSERT INTO analytics.analytics_events (event_name, user_id, session_id, page_path, user_language) VALUES ('translation_started', :user_id, :session, '/translate', 'ja');

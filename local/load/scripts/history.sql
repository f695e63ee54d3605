\set user_id random(1, 420)
SELECT id, created_at, source_language, target_language, source_text, translated_text FROM translations.translation_history WHERE user_id = :user_id ORDER BY created_at DESC LIMIT 20;

\set user_id random(1, 420)
INSERT INTO translations.translation_history (user_id, source_language, target_language, source_text, translated_text, engine, processing_time) VALUES (:user_id, 'ja', 'en', '会議の資料を明日までに送っていただけますか。', 'Could you send the documents by tomorrow?', 'openai', 1.5);

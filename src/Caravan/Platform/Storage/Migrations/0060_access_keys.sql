-- What a key may do (names of scopes with spaces between them; null: all that its company may), until when, and when it last did something.
ALTER TABLE api_keys ADD COLUMN scopes TEXT NULL;
ALTER TABLE api_keys ADD COLUMN expires_at {instant} NULL;
ALTER TABLE api_keys ADD COLUMN last_used_at {instant} NULL;
CREATE INDEX api_keys_not_revoked ON api_keys (tenant, name) WHERE revoked_at IS NULL;

-- The key that a page session was opened with: it ends with the key. Null: opened without one.
ALTER TABLE sessions ADD COLUMN key TEXT NULL;

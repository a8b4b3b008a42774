-- Who is signed in for a company is shown to its people, who may end a session.
CREATE INDEX sessions_by_tenant ON sessions (tenant, expires_at);

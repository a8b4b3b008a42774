-- The dispatcher looks at jobs whose time has come, however many others are booked for later.
DROP INDEX jobs_waiting;
CREATE INDEX jobs_ready ON jobs (ready_at) WHERE status = 'Booked';
CREATE INDEX jobs_soon ON jobs (due_at) WHERE status = 'Booked' AND (service = 'WithinHour' OR packed_at IS NOT NULL);

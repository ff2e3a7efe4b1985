-- sudo -u postgres psql --file roles.sql, on the primary: who copies the database to a standby. Safe to run again.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE portals_replication LOGIN REPLICATION'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portals_replication') \gexec
-- Each standby's place in the log is remembered while it is away.
SELECT pg_create_physical_replication_slot(name) FROM unnest(ARRAY['twin', 'replica']) AS name
WHERE name NOT IN (SELECT slot_name FROM pg_replication_slots);

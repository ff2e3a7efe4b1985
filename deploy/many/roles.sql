-- sudo -u postgres psql --file roles.sql, on the primary: who copies the database to a standby. Safe to run again.
\set ON_ERROR_STOP on
SELECT 'CREATE ROLE portals_replication LOGIN REPLICATION'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portals_replication') \gexec
-- Patroni asks with it whether a machine takes writes.
GRANT CONNECT ON DATABASE postgres TO portals_replication;

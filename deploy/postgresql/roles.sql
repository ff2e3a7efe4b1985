-- sudo -u postgres psql --file roles.sql: the database and its roles. Safe to run again.
-- No role here is a superuser, can create roles or has a password: connections through the Unix socket are identified
-- by system user (pg_hba.conf, pg_ident.conf), those from another machine by certificate. `manage.py grant_roles`
-- grants the privileges of each.
\set ON_ERROR_STOP on
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY[
    'portals_owner',    -- migrations; owns every table
    'portals_staff',    -- staff surface, intake, worker, keys
    'portals_public',   -- public surface: adds a report, looks one receipt up
    'portals_sources',  -- surface of sources: adds what partners' systems send
    'portals_backup',   -- reads everything, for pg_dump and the digest
    'portals_host'      -- root: adds readings of the machine, reads nothing
]) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles) \gexec
GRANT pg_read_all_data TO portals_backup;

-- A pg_ident.conf of release 0.1.0 lacks the user of intake.
SELECT format('COPY (SELECT %L) TO PROGRAM %L', 'portals   portals-intake   portals_staff',
    format('cat >>%L', current_setting('ident_file')))
WHERE 'portals-worker' IN (SELECT sys_name FROM pg_ident_file_mappings WHERE map_name = 'portals')
    AND 'portals-intake' NOT IN (SELECT sys_name FROM pg_ident_file_mappings WHERE map_name = 'portals') \gexec
SELECT pg_reload_conf() \g /dev/null

SELECT $$CREATE DATABASE portals OWNER portals_owner TEMPLATE template0 ENCODING 'UTF8'
    LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'$$
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'portals') \gexec
REVOKE ALL ON DATABASE portals FROM PUBLIC;
GRANT CONNECT ON DATABASE portals TO portals_staff, portals_public, portals_sources, portals_backup, portals_host;

\connect portals
\ir public-role.sql

-- Run by a superuser in the database `portals`, at the end of roles.sql and by `manage.py grant_roles` where its own role
-- is one. What an attacker on the public server must not do to the server, and only a superuser can prevent.

DO $do$
DECLARE
    setting record;
    owner name := (SELECT datdba::regrole FROM pg_database WHERE datname = current_database());
    functions text;
    outer_role name;
BEGIN
    -- The roles of the surfaces that strangers reach: reporters', and that of partners' systems.
    FOREACH outer_role IN ARRAY ARRAY['portals_public', 'portals_sources'] LOOP
        -- They cannot use up the connections that staff need. A limit that an administrator chose stays.
        IF (SELECT rolconnlimit FROM pg_roles WHERE rolname = outer_role) = -1 THEN
            EXECUTE format('ALTER ROLE %I CONNECTION LIMIT 60', outer_role);
        END IF;
        -- The role may change these for itself, all but the last: they keep an honest server from holding up staff, and
        -- RESET ALL removes what an attacker has left.
        EXECUTE format('ALTER ROLE %I RESET ALL', outer_role);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', outer_role, current_database());
        FOR setting IN SELECT * FROM (VALUES
            ('statement_timeout', '30s'),
            ('lock_timeout', '10s'),
            ('idle_in_transaction_session_timeout', '10s'),
            ('transaction_timeout', '60s'),
            ('temp_file_limit', '64MB')
        ) AS wanted (name, value) JOIN pg_settings USING (name) LOOP
            EXECUTE format('ALTER ROLE %I SET %I = %L', outer_role, setting.name, setting.value);
        END LOOP;
        -- The worker ends their transactions that stay open, and the staff's role sees them.
        EXECUTE format('GRANT %I TO portals_staff', outer_role);
    END LOOP;

    -- PostgreSQL lets every role call these until that is revoked.
    SELECT string_agg(oid::regprocedure::text, ', ') INTO functions FROM pg_proc
    WHERE pronamespace = 'pg_catalog'::regnamespace AND (
        -- Locks that order the audit log and the erasure.
        proname ~ '^pg_(try_)?advisory_'
        -- Large objects: disk space that no table shows, in every backup.
        OR proname ~ '^lo_' OR proname IN ('loread', 'lowrite')
        -- Notifications; records in the write-ahead log; ending the sessions of another public server.
        OR proname IN ('pg_notify', 'pg_logical_emit_message', 'pg_cancel_backend', 'pg_terminate_backend')
        -- How much staff have, how fast it grows, and which locks they hold.
        OR proname ~ '^pg_stat_get_' OR proname IN ('pg_lock_status', 'pg_notification_queue_usage')
        OR proname ~ '^pg_(database|tablespace|total_relation|relation|table|indexes)_size$'
        OR proname ~ '^pg_(current_wal|last_wal|last_committed|last_xact|xact_commit|control|available_wal|wal_summary)_'
    );
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', functions);
    EXECUTE format(
        'GRANT EXECUTE ON FUNCTION %s TO %I, portals_staff, pg_read_all_data, pg_monitor', functions, owner
    );
    -- No code of its own: a DO block writes to the server's log.
    REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC;
    EXECUTE format('GRANT USAGE ON LANGUAGE plpgsql, sql TO %I', owner);
    -- CREATE RULE and COMMENT queue for a lock on any table, pg_class among them, before PostgreSQL asks who owns it:
    -- behind an open transaction of the same attacker, all work in the database would wait.
    CREATE SCHEMA IF NOT EXISTS portals_guard;
    CREATE OR REPLACE FUNCTION portals_guard.refuse_commands() RETURNS event_trigger
        LANGUAGE plpgsql SET search_path TO 'pg_catalog'
        AS $$
    BEGIN
        IF session_user IN ('portals_public', 'portals_sources') THEN
            RAISE EXCEPTION 'the public role changes no definition' USING ERRCODE = 'insufficient_privilege';
        END IF;
    END $$;
    REVOKE EXECUTE ON FUNCTION portals_guard.refuse_commands() FROM PUBLIC;
    DROP EVENT TRIGGER IF EXISTS portals_guard;
    CREATE EVENT TRIGGER portals_guard ON ddl_command_start EXECUTE FUNCTION portals_guard.refuse_commands();
    -- The other databases of a new server, where none of this holds.
    FOR setting IN
        SELECT datname FROM pg_database WHERE datname IN ('postgres', 'template1') AND datname <> current_database()
    LOOP
        EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', setting.datname);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I, pg_monitor', setting.datname, owner);
    END LOOP;
END $do$;

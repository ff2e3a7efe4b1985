from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import reports.models

# A role that cannot change rows, as the public surface's, does not choose their times.
SET_MINUTE = """
    CREATE FUNCTION reports_set_minute() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path TO 'pg_catalog', 'public'
        AS $$
    BEGIN
        IF NOT has_table_privilege(session_user, TG_RELID, 'UPDATE') THEN
            NEW.received_hour := date_trunc('minute', clock_timestamp(), 'UTC');
        END IF;
        RETURN NEW;
    END $$;
    REVOKE ALL ON FUNCTION reports_set_minute() FROM PUBLIC;
    DROP TRIGGER noticeanswer_hour ON reports_noticeanswer;
    CREATE TRIGGER noticeanswer_minute BEFORE INSERT ON reports_noticeanswer
        FOR EACH ROW EXECUTE FUNCTION reports_set_minute();
"""
SET_HOUR = """
    DROP TRIGGER noticeanswer_minute ON reports_noticeanswer;
    DROP FUNCTION reports_set_minute();
    CREATE TRIGGER noticeanswer_hour BEFORE INSERT ON reports_noticeanswer
        FOR EACH ROW EXECUTE FUNCTION reports_set_hour();
    UPDATE reports_noticeanswer SET received_hour = date_trunc('hour', received_hour, 'UTC');
"""
LOOK_UP = """
    CREATE OR REPLACE FUNCTION reports_look_up_notice(wanted uuid, in_hour timestamp with time zone)
        RETURNS TABLE(expires_on date, sealed bytea, answers bigint)
        LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path TO 'pg_catalog', 'public'
        AS $$
            SELECT link.expires_on, link.sealed, (
                SELECT count(*) FROM public.reports_noticeanswer AS answer
                WHERE answer.link_id = link.id AND answer.received_hour >= in_hour
                    AND answer.received_hour < in_hour + interval '1 hour'
            )
            FROM public.reports_noticelink AS link WHERE link.id = wanted
        $$;
"""


class Migration(migrations.Migration):
    """Times of recipients' replies are kept to the minute: recipients are no reporters. The column keeps its name."""

    dependencies = [("reports", "0003_further_look")]
    operations = [
        migrations.RemoveConstraint("noticeanswer", "notice_answer_whole_hour"),
        migrations.AlterField(
            "noticeanswer", "received_hour", models.DateTimeField("received at", db_column="received_hour")
        ),
        migrations.RenameField("noticeanswer", "received_hour", "received_at"),
        AddConstraintNotValid(
            "noticeanswer",
            models.CheckConstraint(
                condition=reports.models.WholeMinute("received_at"), name="notice_answer_whole_minute"
            ),
        ),
        # Lists: not split into statements. Counted by the span of an hour, which also counts whole hours, so that the
        # reverse keeps it.
        migrations.RunSQL([LOOK_UP], migrations.RunSQL.noop),
        migrations.RunSQL([SET_MINUTE], [SET_HOUR]),
    ]

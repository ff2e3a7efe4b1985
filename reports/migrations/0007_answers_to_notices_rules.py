"""Answers are sealed to open keys only; the public surface finds a link by the id that follows from its secret."""

from django.db import migrations

RULES = """
    CREATE TRIGGER notice_answer_key_open AFTER INSERT OR UPDATE OF key_id ON reports_noticeanswer
        FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

    -- `answers`: how many came through it in the hour that is asked for.
    CREATE FUNCTION reports_look_up_notice(wanted uuid, in_hour timestamptz)
    RETURNS TABLE (expires_on date, sealed bytea, answers bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        SELECT link.expires_on, link.sealed, (
            SELECT count(*) FROM public.reports_noticeanswer AS answer
            WHERE answer.link_id = link.id AND answer.received_hour = in_hour
        )
        FROM public.reports_noticelink AS link WHERE link.id = wanted
    $$;
    REVOKE ALL ON FUNCTION reports_look_up_notice(uuid, timestamptz) FROM PUBLIC;
"""
REVERSE = """
    DROP FUNCTION reports_look_up_notice(uuid, timestamptz);
    DROP TRIGGER notice_answer_key_open ON reports_noticeanswer;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_answers_to_notices")]

    operations = [migrations.RunSQL(RULES, REVERSE)]

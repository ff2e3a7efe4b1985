from django.db import migrations, models

from countries.lasting_columns import AddLastingField

NOTE_ARRIVAL = """
    CREATE OR REPLACE FUNCTION reports_note_arrival() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path TO 'pg_catalog', 'public'
        AS $$
    BEGIN
        INSERT INTO public.reports_arrival (submission_id, received_hour, is_expedited)
        VALUES (NEW.id, NEW.received_hour, current_setting('reports.is_expedited', true) IS NOT DISTINCT FROM 'on');
        RETURN NULL;
    END $$
"""
NOTE_ARRIVAL_BEFORE = """
    CREATE OR REPLACE FUNCTION reports_note_arrival() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER
        SET search_path TO 'pg_catalog', 'public'
        AS $$
    BEGIN
        INSERT INTO public.reports_arrival (submission_id, received_hour) VALUES (NEW.id, NEW.received_hour);
        RETURN NULL;
    END $$
"""


class Migration(migrations.Migration):
    """A mark on the arrival, never on the envelope: intake deletes it with the arrival."""

    dependencies = [("reports", "0004_minutes_of_answers")]
    operations = [
        AddLastingField("arrival", "is_expedited", models.BooleanField("expedited", default=False, db_default=False)),
        migrations.AddIndex(
            "arrival",
            models.Index(fields=["submission"], name="arrival_expedited", condition=models.Q(is_expedited=True)),
        ),
        # Lists: not split into statements.
        migrations.RunSQL([NOTE_ARRIVAL], [NOTE_ARRIVAL_BEFORE]),
    ]

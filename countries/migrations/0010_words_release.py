from django.db import migrations, models

# The day is one on which nobody has sent a report yet: what reporters were told holds for the reports they sent.
REFUSE_PAST_DAY = """
    CREATE FUNCTION countries_refuse_past_release() RETURNS trigger
        LANGUAGE plpgsql
        AS $$
        BEGIN
            IF NEW.words_release_from <= (now() AT TIME ZONE 'UTC')::date
                AND (TG_OP = 'INSERT' OR NEW.words_release_from IS DISTINCT FROM OLD.words_release_from)
            THEN
                RAISE EXCEPTION 'words of reporters are released only from a day ahead'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'portal_words_release_ahead';
            END IF;
            RETURN NEW;
        END
        $$;
    CREATE TRIGGER portal_words_release_ahead BEFORE INSERT OR UPDATE OF words_release_from ON countries_portal
        FOR EACH ROW EXECUTE FUNCTION countries_refuse_past_release();
"""
ACCEPT_PAST_DAY = """
    DROP TRIGGER portal_words_release_ahead ON countries_portal;
    DROP FUNCTION countries_refuse_past_release();
"""

HELP = (
    "Empty: no word of a reporter leaves the analysts’ rooms. With a day ahead, the privacy page and the form say at once "
    "that two people may release single sentences of reports from that day on to the police or to child protection. "
    "Earlier reports stay as they were promised."
)


class Migration(migrations.Migration):
    dependencies = [("countries", "0009_reading_hours")]
    operations = [
        migrations.AddField(
            "portal",
            "words_release_from",
            models.DateField("sentences of reports may be released from", blank=True, help_text=HELP, null=True),
        ),
        migrations.RunSQL(REFUSE_PAST_DAY, ACCEPT_PAST_DAY),
    ]

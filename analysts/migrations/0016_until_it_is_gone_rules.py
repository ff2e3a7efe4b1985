"""Open keys only; what somebody found, decided or wrote is kept as made; the one row of the URL list."""

from django.db import migrations

KEYS = ("outgoing", "noticeitem", "urllistentry")
OPEN_KEYS = "".join(
    f"CREATE TRIGGER {table}_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_{table}\n"
    "    FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();\n"
    for table in KEYS
)
ANY_KEYS = "".join(f"DROP TRIGGER {table}_key_open ON analysts_{table};\n" for table in KEYS)

KEPT = ("hostingtrace", "availabilitycheck", "route", "noticetemplate")
KEPT_AS_MADE = """
    CREATE FUNCTION analysts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'this is added to, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_kept_as_made';
    END
    $$;
""" + "".join(
    f"CREATE TRIGGER {table}_kept_as_made BEFORE UPDATE OR DELETE ON analysts_{table}\n"
    "    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();\n"
    for table in KEPT
)
CHANGEABLE = (
    "".join(f"DROP TRIGGER {table}_kept_as_made ON analysts_{table};\n" for table in KEPT)
    + "DROP FUNCTION analysts_refuse_change();"
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0015_until_it_is_gone"), ("reports", "0007_answers_to_notices_rules")]

    operations = [
        migrations.RunSQL(OPEN_KEYS, ANY_KEYS),
        migrations.RunSQL(KEPT_AS_MADE, CHANGEABLE),
    ]

from django.db import migrations

# As for every other second person (`analysts_refuse_second_person`).
GUARD = """
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_historyimport
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0055_surface_reading")]
    operations = [
        migrations.RunSQL(GUARD, "DROP TRIGGER second_person_vouched_for ON analysts_historyimport"),
    ]

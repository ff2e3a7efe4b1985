from pathlib import Path

from django.db import migrations

import audit.stored_values

BOUNDS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
# The function as 0002 creates it, up to the end of its body.
HEAD = "FUNCTION audit_append("
_before, _head, UNBOUNDED = (
    Path(__file__).with_name("0002_functions_and_triggers.sql").read_text(encoding="utf-8").partition(f"CREATE {HEAD}")
)
BEFORE = (
    f"CREATE OR REPLACE {HEAD}{UNBOUNDED.partition('$$;')[0]}$$; DROP FUNCTION audit_check_details(jsonb, integer);"
)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_functions_and_triggers")]
    # Lists: not split into statements, which would break the functions' bodies. The fields change no column.
    operations = [
        migrations.RunSQL([BOUNDS], [BEFORE]),
        migrations.AlterField("auditevent", "at", audit.stored_values.EventTimeField(verbose_name="at")),
        migrations.AlterField(
            "auditevent",
            "details",
            audit.stored_values.EventDetailsField(
                blank=True, default=dict, help_text="Codes, counts and reasons, never content.", verbose_name="details"
            ),
        ),
    ]

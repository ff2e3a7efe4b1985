"""An index of times, for what an auditor asks of a day or a month."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["at", "number"], name="audit_event_by_time"),
        ),
    ]

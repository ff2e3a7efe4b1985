from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0018_record_keys")]

    operations = [
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["at"], name="assessment_at"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("undone_at__isnull", False)), fields=["undone_at"], name="assessment_undone"
            ),
        ),
        migrations.AddIndex(
            model_name="chase",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="chase_ended"
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)), fields=["closed_on"], name="incident_merged_on"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["received_hour"], name="report_received"),
        ),
    ]

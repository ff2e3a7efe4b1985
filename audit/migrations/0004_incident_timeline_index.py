from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_stream_position")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(
                    (
                        "action__in",
                        [
                            "incident.merge",
                            "incident.split",
                            "incident.hand_over",
                            "incident.reopen",
                            "incident.close",
                            "incident.plan_next_step",
                            "incident.confirm_redaction",
                            "incident.keep_listed",
                        ],
                    )
                ),
                fields=["object_id", "number"],
                name="audit_event_of_incident",
            ),
        ),
    ]

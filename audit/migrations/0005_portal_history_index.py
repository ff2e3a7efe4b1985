from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_append_function")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("object_type", "countries.portal")),
                fields=["object_id", "number"],
                name="audit_event_of_portal",
            ),
        ),
    ]

"""How many a flood has is counted in its index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0013_site_with_illegal_material")]

    operations = [
        migrations.RemoveIndex(model_name="incident", name="incident_flood"),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("priority", 0), ("state", "waiting")),
                fields=["flood", "waiting_since", "id"],
                include=["portals"],
                name="incident_members",
            ),
        ),
    ]

from typing import ClassVar

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0023_portal_languages")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="incident",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=["portal_languages"],
                name="incident_languages",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("state__in", ["assessed", "acting"])),
                fields=["portals"],
                name="incident_acting_portals",
            ),
        ),
        # Once more with the languages, so that they are counted from the index alone.
        migrations.RemoveIndex(model_name="incident", name="incident_members"),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("priority", 0), ("state", "waiting")),
                fields=["flood", "waiting_since", "id"],
                include=("portals", "portal_languages"),
                name="incident_members",
            ),
        ),
    ]

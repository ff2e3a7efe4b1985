from django.db import migrations, models

from countries.lasting_columns import AddLastingField


class Migration(migrations.Migration):
    dependencies = [("analysts", "0044_counselling")]
    operations = [
        AddLastingField(
            "exposure",
            "characters_read",
            models.PositiveIntegerField("characters read", default=0, db_default=0),
        )
    ]

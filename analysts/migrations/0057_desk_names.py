from django.db import migrations, models
from django.db.models.functions import Lower

from countries.lasting_columns import AddLastingField


class Migration(migrations.Migration):
    dependencies = [("analysts", "0056_second_person_of_imports")]
    operations = [
        AddLastingField(
            "user", "desk_name", models.CharField("desk name", max_length=40, blank=True, default="", db_default="")
        ),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                Lower("desk_name"),
                condition=models.Q(("desk_name", ""), _negated=True),
                name="user_desk_name_once",
                violation_error_message="A colleague has or had this name.",
            ),
        ),
    ]

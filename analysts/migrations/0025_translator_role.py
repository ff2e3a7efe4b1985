from typing import ClassVar

from django.db import migrations, models

ROLES = ["analyst", "senior", "operator", "partner", "auditor", "welfare", "administrator", "translator"]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0024_list_indexes")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="user", name="user_role_known"),
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("analyst", "analyst"),
                    ("senior", "senior analyst"),
                    ("operator", "operator"),
                    ("partner", "country partner"),
                    ("auditor", "auditor"),
                    ("welfare", "welfare lead"),
                    ("administrator", "administrator"),
                    ("translator", "translator"),
                ],
                max_length=16,
                verbose_name="role",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(condition=models.Q(role__in=ROLES), name="user_role_known"),
        ),
    ]

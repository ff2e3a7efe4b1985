from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0028_approval_alarm")]

    operations = [
        migrations.AddField(
            model_name="nextstep",
            name="is_assigned",
            field=models.BooleanField(default=False, verbose_name="assigned by hand"),
        ),
        migrations.AddConstraint(
            model_name="nextstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_assigned", False), ("owner__isnull", False), _connector="OR"),
                name="next_step_assigned_has_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="nextstep",
            index=models.Index(
                condition=models.Q(("owner__isnull", False)), fields=["owner"], name="next_step_of_owner"
            ),
        ),
    ]

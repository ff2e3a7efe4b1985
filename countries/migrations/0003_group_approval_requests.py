import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0002_portal_groups")]

    operations = [
        migrations.RemoveConstraint(
            model_name="approvalrequest",
            name="approval_request_about_one",
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approval_requests",
                to="countries.portalgroup",
                verbose_name="portal group",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account", None), ("group", None), ("portal__isnull", False)),
                    models.Q(("account__isnull", False), ("group", None), ("portal", None)),
                    models.Q(("account", None), ("group__isnull", False), ("portal", None)),
                    _connector="OR",
                ),
                name="approval_request_about_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested")),
                fields=("group",),
                name="approval_request_one_waiting_for_group",
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0006_help_services")]

    operations = [
        migrations.RemoveConstraint(
            model_name="approvalrequest",
            name="approval_request_about_one",
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="service",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approval_requests",
                to="countries.helpservice",
                verbose_name="help service",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account", None), ("group", None), ("portal__isnull", False), ("service", None)),
                    models.Q(("account__isnull", False), ("group", None), ("portal", None), ("service", None)),
                    models.Q(("account", None), ("group__isnull", False), ("portal", None), ("service", None)),
                    models.Q(("account", None), ("group", None), ("portal", None), ("service__isnull", False)),
                    _connector="OR",
                ),
                name="approval_request_about_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested")),
                fields=("service",),
                name="approval_request_one_waiting_for_service",
            ),
        ),
    ]

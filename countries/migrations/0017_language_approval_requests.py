import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0016_opened_languages")]

    operations = [
        migrations.RemoveConstraint(
            model_name="approvalrequest",
            name="approval_request_about_one",
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="language",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approval_requests",
                to="countries.language",
                verbose_name="language",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("account", None),
                        ("group", None),
                        ("language", None),
                        ("portal__isnull", False),
                        ("service", None),
                    ),
                    models.Q(
                        ("account__isnull", False),
                        ("group", None),
                        ("language", None),
                        ("portal", None),
                        ("service", None),
                    ),
                    models.Q(
                        ("account", None),
                        ("group__isnull", False),
                        ("language", None),
                        ("portal", None),
                        ("service", None),
                    ),
                    models.Q(
                        ("account", None),
                        ("group", None),
                        ("language", None),
                        ("portal", None),
                        ("service__isnull", False),
                    ),
                    models.Q(
                        ("account", None),
                        ("group", None),
                        ("language__isnull", False),
                        ("portal", None),
                        ("service", None),
                    ),
                    _connector="OR",
                ),
                name="approval_request_about_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "requested")),
                fields=("language",),
                name="approval_request_one_waiting_for_language",
            ),
        ),
    ]

from datetime import timedelta

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """Requests that are waiting at the upgrade get the full time from then."""

    dependencies = [("countries", "0009_installation_modes")]

    operations = [
        migrations.RemoveConstraint(
            model_name="approvalrequest",
            name="approval_request_decided_with_name_and_time",
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="expires_at",
            field=models.DateTimeField(db_default=Now() + timedelta(days=14), verbose_name="expires at"),
        ),
        migrations.AlterField(
            model_name="approvalrequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "requested"),
                    ("approved", "approved"),
                    ("declined", "declined"),
                    ("expired", "expired"),
                ],
                default="requested",
                max_length=9,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="approvalrequest",
            index=models.Index(fields=["portal", "-requested_at"], name="approval_request_of_portal"),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "requested")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["approved", "declined"]),
                    ),
                    models.Q(("decided_at__isnull", False), ("decided_by", None), ("state", "expired")),
                    _connector="OR",
                ),
                name="approval_request_decided_with_name_and_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    ("decided_at__lt", models.F("expires_at")),
                    _connector="OR",
                ),
                name="approval_request_approved_in_time",
            ),
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What a closed portal shows stays as it was. Others show the product's sentence until they have one of their own.
KEEP_MESSAGES_OF_CLOSED_PORTALS = """
    UPDATE countries_portaltext SET closed_message = suspended_message
    FROM countries_portal WHERE countries_portal.id = portal_id AND state = 'closed'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0007_service_approval_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="portaltext",
            name="closed_message",
            field=models.TextField(
                blank=True,
                help_text="That it is closed for good, and where else to report.",
                verbose_name="message while closed",
            ),
        ),
        migrations.AlterField(
            model_name="portaltext",
            name="suspended_message",
            field=models.TextField(
                blank=True, help_text="Why, and where else to report.", verbose_name="message while suspended"
            ),
        ),
        migrations.RunSQL(KEEP_MESSAGES_OF_CLOSED_PORTALS, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="portal",
            name="emergency_suspended",
            field=models.BooleanField(default=False, editable=False, verbose_name="suspended in an emergency"),
        ),
        migrations.AddConstraint(
            model_name="portal",
            constraint=models.CheckConstraint(
                condition=models.Q(("emergency_suspended", False), ("state", "suspended"), _connector="OR"),
                name="portal_emergency_is_suspended",
            ),
        ),
        migrations.CreateModel(
            name="EmergencySuspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(verbose_name="reason")),
                ("suspended_at", models.DateTimeField(verbose_name="suspended at")),
                ("alarmed_at", models.DateTimeField(blank=True, null=True, verbose_name="alarmed at")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("confirmed", "confirmed"), ("lifted", "lifted")],
                        max_length=9,
                        verbose_name="outcome",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency_suspensions",
                        to="countries.portal",
                        verbose_name="portal",
                    ),
                ),
                (
                    "suspended_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="suspended by",
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency suspension",
                "verbose_name_plural": "emergency suspensions",
                "ordering": ["suspended_at", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("portal",),
                        name="emergency_suspension_one_waiting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("outcome", "")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("outcome__in", ["confirmed", "lifted"]),
                            ),
                            _connector="OR",
                        ),
                        name="emergency_suspension_decided_with_name_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_by", models.F("suspended_by")), _negated=True),
                        name="emergency_suspension_decided_by_another",
                    ),
                ],
            },
        ),
    ]

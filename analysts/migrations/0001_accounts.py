import django.contrib.auth.validators
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("analysts", "0001_initial"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "username",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="user name",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name")),
                (
                    "desk_name",
                    models.CharField(blank=True, db_default="", default="", max_length=40, verbose_name="desk name"),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("analyst", "analyst"),
                            ("senior", "senior analyst"),
                            ("operator", "operator"),
                            ("partner", "country partner"),
                            ("auditor", "auditor"),
                            ("welfare", "welfare lead"),
                            ("administrator", "administrator"),
                            ("translator", "translator"),
                            ("recipient", "recipient"),
                        ],
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                (
                    "all_portals",
                    models.BooleanField(
                        default=False, help_text="Including those created later.", verbose_name="all portals"
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=12, verbose_name="language")),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="Switch off instead of deleting.", verbose_name="active"
                    ),
                ),
                (
                    "unconfirmed",
                    models.BooleanField(
                        default=False,
                        help_text="The account’s role needs approval by a second administrator.",
                        verbose_name="waiting for another administrator",
                    ),
                ),
                (
                    "unchanged_since",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="unchanged since"
                    ),
                ),
                (
                    "is_vouched_for",
                    models.BooleanField(
                        editable=False, null=True, verbose_name="made or vouched for by two administrators"
                    ),
                ),
                (
                    "session_round",
                    models.PositiveIntegerField(default=0, verbose_name="how often all sessions were ended"),
                ),
                ("seen_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last seen")),
            ],
            options={
                "verbose_name": "member of staff",
                "verbose_name_plural": "staff",
                "ordering": ["username"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                [
                                    "analyst",
                                    "senior",
                                    "operator",
                                    "partner",
                                    "auditor",
                                    "welfare",
                                    "administrator",
                                    "translator",
                                    "recipient",
                                ],
                            )
                        ),
                        name="user_role_known",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("desk_name"),
                        condition=models.Q(("desk_name", ""), _negated=True),
                        name="user_desk_name_once",
                        violation_error_message="A colleague has or had this name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unconfirmed", False), ("is_active", False), _connector="OR"),
                        name="user_active_once_confirmed",
                    ),
                ],
            },
        ),
    ]

"""Delays of failed sign-ins, what two administrators decide, and a count that ends all sessions of an account."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0005_legal_hold"),
        ("countries", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delay",
            fields=[
                ("bucket", models.PositiveIntegerField(primary_key=True, serialize=False, verbose_name="bucket")),
                (
                    "failures",
                    models.PositiveSmallIntegerField(default=0, verbose_name="failed attempts, one under way included"),
                ),
                ("until", models.DateTimeField(verbose_name="no attempt before")),
                (
                    "unrecorded",
                    models.PositiveIntegerField(default=0, verbose_name="failed attempts that are not on record yet"),
                ),
            ],
            options={
                "verbose_name": "delay",
                "verbose_name_plural": "delays",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="EntryCode",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("first_half", models.CharField(max_length=64, verbose_name="hash of the first half")),
                ("second_half", models.CharField(blank=True, max_length=64, verbose_name="hash of the second half")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
            ],
            options={
                "verbose_name": "entry code",
                "verbose_name_plural": "entry codes",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("role", "role"), ("recovery", "new password and second factor")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("analyst", "analyst"),
                            ("senior", "senior analyst"),
                            ("operator", "operator"),
                            ("partner", "country partner"),
                            ("auditor", "auditor"),
                            ("welfare", "welfare lead"),
                            ("administrator", "administrator"),
                        ],
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for another administrator"),
                            ("confirmed", "confirmed"),
                            ("refused", "refused"),
                        ],
                        default="open",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ["asked_at", "pk"],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="user",
            name="session_round",
            field=models.PositiveIntegerField(default=0, verbose_name="how often all sessions were ended"),
        ),
        migrations.AddField(
            model_name="user",
            name="unconfirmed",
            field=models.BooleanField(
                default=False,
                help_text="Made with a role that two administrators must agree on.",
                verbose_name="waits for another administrator",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("unconfirmed", False), ("is_active", False), _connector="OR"),
                name="user_active_once_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="delay",
            constraint=models.CheckConstraint(condition=models.Q(("bucket__lt", 262144)), name="delay_bucket_bounded"),
        ),
        migrations.AddConstraint(
            model_name="entrycode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_half", ""), ("until", None)),
                    models.Q(models.Q(("second_half", ""), _negated=True), ("until__isnull", False)),
                    _connector="OR",
                ),
                name="entry_code_valid_when_whole",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked by",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("user",), name="proposal_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "recovery"), ("role", "")),
                    models.Q(
                        ("kind", "role"),
                        (
                            "role__in",
                            ["analyst", "senior", "operator", "partner", "auditor", "welfare", "administrator"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="proposal_role_fits_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", None), ("state", "open")),
                    models.Q(("decided_by__isnull", False), ("state__in", ["confirmed", "refused"])),
                    _connector="OR",
                ),
                name="proposal_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), _negated=True),
                    models.Q(
                        models.Q(("decided_by", models.F("asked_by")), _negated=True),
                        models.Q(("decided_by", models.F("user")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposal_confirmed_by_another",
            ),
        ),
    ]

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0014_approved_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GlossaryTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        max_length=12,
                        validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                        verbose_name="language",
                    ),
                ),
                ("term", models.CharField(max_length=100, verbose_name="English term")),
                ("translation", models.CharField(max_length=200, verbose_name="translation")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
            ],
            options={
                "verbose_name": "glossary term",
                "verbose_name_plural": "glossary terms",
                "ordering": ["language", "term"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("language", "term"),
                        name="glossary_term_once_a_language",
                        violation_error_message="The glossary has this term already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LanguageRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        max_length=12,
                        validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                        verbose_name="language",
                    ),
                ),
                ("is_reviewer", models.BooleanField(default=False, verbose_name="reviewer")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="language_roles",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "language of a translator",
                "verbose_name_plural": "languages of translators",
                "ordering": ["account", "language"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("account", "language"), name="language_role_once_a_language"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterfaceTranslation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        max_length=12,
                        validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                        verbose_name="language",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the source text")),
                ("context", models.TextField(blank=True, verbose_name="context")),
                ("singular", models.TextField(verbose_name="source text")),
                ("plural", models.TextField(blank=True, verbose_name="plural of the source text")),
                ("forms", models.JSONField(verbose_name="translation")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("proposed", "proposed"),
                            ("approved", "approved"),
                            ("declined", "declined"),
                            ("superseded", "superseded"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("is_machine_made", models.BooleanField(default=False, verbose_name="machine-made")),
                ("translated_at", models.DateTimeField(verbose_name="translated at")),
                ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="reviewed at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
                (
                    "translated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="translated by",
                    ),
                ),
            ],
            options={
                "verbose_name": "translation of an interface text",
                "verbose_name_plural": "translations of interface texts",
                "ordering": ["-translated_at", "-pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["language", "digest", "-translated_at"], name="interface_translation_history"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "approved")),
                        fields=("language", "digest"),
                        name="interface_translation_one_approved",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("language", "digest"),
                        name="interface_translation_one_proposed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "proposed", "approved", "declined", "superseded"])),
                        name="interface_translation_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("forms", []), _negated=True), name="interface_translation_has_forms"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("translated_by__isnull", False),
                            models.Q(("is_machine_made", True), ("state__in", ["approved", "superseded"])),
                            _connector="OR",
                        ),
                        name="interface_translation_by_person_or_shipped",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at", None), ("reviewed_by", None)),
                            models.Q(("reviewed_at__isnull", False), ("reviewed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="interface_translation_reviewed_with_name_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("reviewed_by__isnull", False),
                                models.Q(
                                    ("translated_by", None),
                                    models.Q(("reviewed_by", models.F("translated_by")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="interface_translation_approved_by_another",
                    ),
                ],
            },
        ),
    ]

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0005_names_by_language")]

    operations = [
        migrations.CreateModel(
            name="HelpService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.SlugField(
                        help_text="A short name that never changes.", max_length=40, unique=True, verbose_name="key"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("pictures", "pictures of oneself"),
                            ("child_helplines", "child helplines by country"),
                            ("listening", "emotional support by country"),
                            ("thoughts", "worry about one's own thoughts"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                (
                    "website",
                    models.URLField(
                        blank=True,
                        validators=[django.core.validators.URLValidator(schemes=["https", "http"])],
                        verbose_name="web site",
                    ),
                ),
                (
                    "countries",
                    models.CharField(
                        blank=True,
                        help_text=(
                            "ISO 3166-1 alpha-2, such as “GB IE”; empty if the service helps people in any country."
                        ),
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{2}( [A-Z]{2})*$", "Codes of ISO 3166-1 with a space between them."
                            )
                        ],
                        verbose_name="countries",
                    ),
                ),
                (
                    "min_age",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="In years.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(120)],
                        verbose_name="youngest age",
                    ),
                ),
                (
                    "max_age",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="In years.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(120)],
                        verbose_name="oldest age",
                    ),
                ),
                (
                    "languages",
                    models.CharField(
                        blank=True,
                        help_text="CLDR tags, such as “en es”; empty if the service answers in many languages.",
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z]{2,3}(-[a-z0-9]{2,8})*( [a-z]{2,3}(-[a-z0-9]{2,8})*)*$",
                                "Language tags with a space between them.",
                            )
                        ],
                        verbose_name="languages",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Where these details were found.",
                        max_length=300,
                        verbose_name="source",
                    ),
                ),
                ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
                ("verified_by", models.CharField(blank=True, max_length=100, verbose_name="verified by")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "help service",
                "verbose_name_plural": "help services",
                "ordering": ["position", "name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["pictures", "child_helplines", "listening", "thoughts"])),
                        name="help_service_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phone__length__gt", 0), ("website__length__gt", 0), _connector="OR"),
                        name="help_service_reachable",
                        violation_error_message="Enter a telephone number or a web site.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_age", None),
                            ("max_age", None),
                            ("min_age__lte", models.F("max_age")),
                            _connector="OR",
                        ),
                        name="help_service_ages_in_order",
                        violation_error_message="The youngest age is above the oldest one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("verified_by", ""), ("verified_on", None)),
                            models.Q(
                                ("source__length__gt", 0),
                                ("verified_by__length__gt", 0),
                                ("verified_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="help_service_verified_with_name_and_source",
                        violation_error_message="A verified service needs the verifier, the day and a source.",
                    ),
                ],
            },
        ),
    ]

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0013_contact_checks")]

    operations = [
        migrations.CreateModel(
            name="ApprovedText",
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
            ],
            options={
                "verbose_name": "approved text",
                "verbose_name_plural": "approved texts",
                "ordering": ["language", "digest"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("language", "digest"), name="approved_text_once_a_language"),
                    models.CheckConstraint(
                        condition=models.Q(("forms", []), _negated=True), name="approved_text_has_forms"
                    ),
                ],
            },
        ),
    ]

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

LANGUAGE_TAG = django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")


def name_language() -> "models.CharField[str, str]":
    return models.CharField(
        blank=True,
        default="",
        help_text="Empty for the portal's default language.",
        max_length=12,
        validators=[LANGUAGE_TAG],
        verbose_name="language of the name",
    )


class Migration(migrations.Migration):
    dependencies = [("countries", "0010_portal_look")]

    operations = [
        migrations.AddField(model_name="contact", name="name_language", field=name_language(), preserve_default=False),
        migrations.AddField(model_name="partner", name="name_language", field=name_language(), preserve_default=False),
        migrations.CreateModel(
            name="ContactText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=12, validators=[LANGUAGE_TAG], verbose_name="language")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="countries.contact",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a contact",
                "verbose_name_plural": "names of contacts",
                "ordering": ["contact", "language"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="PartnerText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=12, validators=[LANGUAGE_TAG], verbose_name="language")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="countries.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a partner",
                "verbose_name_plural": "names of partners",
                "ordering": ["partner", "language"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="contacttext",
            constraint=models.UniqueConstraint(fields=("contact", "language"), name="contact_text_once_a_language"),
        ),
        migrations.AddConstraint(
            model_name="partnertext",
            constraint=models.UniqueConstraint(fields=("partner", "language"), name="partner_text_once_a_language"),
        ),
    ]

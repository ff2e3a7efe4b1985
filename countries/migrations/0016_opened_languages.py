import django.core.validators
from django.db import migrations, models

import countries.models.language


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0015_interface_translations"),
    ]

    operations = [
        migrations.CreateModel(
            name="CrisisPhrase",
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
                (
                    "words",
                    models.CharField(
                        help_text="As a person in need would write them, at least two words: “I want to die”.",
                        max_length=100,
                        validators=[countries.models.language.refuse_single_word],
                        verbose_name="words",
                    ),
                ),
            ],
            options={
                "verbose_name": "words of crisis",
                "verbose_name_plural": "words of crisis",
                "ordering": ["language", "words"],
            },
        ),
        migrations.CreateModel(
            name="Language",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tag",
                    models.CharField(
                        help_text="As in addresses: “kri”, “ne”.",
                        max_length=12,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("^[a-z]{2,3}(-[a-z0-9]{2,8})*$")],
                        verbose_name="tag",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="In the language and its own script.", max_length=60, verbose_name="name"
                    ),
                ),
                ("english_name", models.CharField(max_length=60, verbose_name="name in English")),
                (
                    "direction",
                    models.CharField(
                        choices=[("ltr", "left to right"), ("rtl", "right to left")],
                        default="ltr",
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                ("plural_rule", models.CharField(max_length=500, verbose_name="plural rule")),
                ("digits", models.CharField(default="latn", max_length=8, verbose_name="digits")),
                (
                    "font_note",
                    models.CharField(
                        blank=True,
                        help_text="On which telephones its script was read without a missing letter, and by whom.",
                        max_length=300,
                        verbose_name="note on fonts",
                    ),
                ),
                (
                    "personal_words",
                    models.TextField(
                        blank=True,
                        help_text="One phrase a line, such as “your name”: a translation has them only where its English text does.",
                        max_length=2000,
                        verbose_name="words that ask who a person is",
                    ),
                ),
                (
                    "shows_words",
                    models.BooleanField(
                        default=False,
                        help_text="Texts that are not translated yet are shown in English. Otherwise all of them are.",
                        verbose_name="pages show the interface texts in it",
                    ),
                ),
                ("is_open", models.BooleanField(default=False, help_text="Portals can use it.", verbose_name="open")),
            ],
            options={
                "verbose_name": "language",
                "verbose_name_plural": "languages",
                "ordering": ["tag"],
            },
        ),
        migrations.AddConstraint(
            model_name="crisisphrase",
            constraint=models.UniqueConstraint(
                fields=("language", "words"),
                name="crisis_phrase_once_a_language",
                violation_error_message="This language has these words already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="language",
            constraint=models.CheckConstraint(
                condition=models.Q(("tag__regex", "^[a-z]{2,3}(-[a-z0-9]{2,8})*$")), name="language_tag_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="language",
            constraint=models.CheckConstraint(
                condition=models.Q(("direction__in", ["ltr", "rtl"])), name="language_direction_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="language",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "digits__in",
                        [
                            "latn",
                            "adlm",
                            "arab",
                            "arabext",
                            "beng",
                            "cakm",
                            "deva",
                            "mtei",
                            "mymr",
                            "nkoo",
                            "olck",
                            "tibt",
                        ],
                    )
                ),
                name="language_digits_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="language",
            constraint=models.CheckConstraint(
                condition=models.Q(("plural_rule__regex", "^nplurals=[1-6]; plural=[n0-9()?:%=!<>&| ]+;$")),
                name="language_plural_rule_plain",
            ),
        ),
        migrations.AddConstraint(
            model_name="language",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True), models.Q(("english_name", ""), _negated=True)
                ),
                name="language_has_names",
            ),
        ),
    ]

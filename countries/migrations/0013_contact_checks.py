import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

METHODS = [
    ("telephoned", "telephoned"),
    ("website", "web site read"),
    ("confirmed", "confirmed by the service itself"),
    ("other", "in another way"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0012_text_reviews"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="checked on")),
                ("how", models.CharField(choices=METHODS, max_length=10, verbose_name="how")),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="in which other way")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("website", models.CharField(blank=True, max_length=200, verbose_name="web site")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checked by",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="countries.contact",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "check of a contact",
                "verbose_name_plural": "checks of contacts",
                "ordering": ["contact", "-on", "-pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("contact"),
                        models.OrderBy(models.F("on"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="contact_check_latest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("how__in", [value for value, _label in METHODS])),
                        name="contact_check_method_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", "other"), ("words__length__gt", 0)),
                            models.Q(models.Q(("how", "other"), _negated=True), ("words", "")),
                            _connector="OR",
                        ),
                        name="contact_check_other_in_words",
                        violation_error_message="Say in which other way the contact was checked.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactReminder",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("month", models.DateField(verbose_name="first day of the month")),
            ],
            options={
                "verbose_name": "reminder to check contacts",
                "verbose_name_plural": "reminders to check contacts",
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="contact_reminder_one")],
            },
        ),
    ]

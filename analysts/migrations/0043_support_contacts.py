from django.db import migrations, models
from django.db.models import Q

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
KINDS = [("peer", "colleague to talk to"), ("lead", "lead"), ("counsellor", "counsellor")]


class Migration(migrations.Migration):
    dependencies = [("analysts", "0042_weekly_note")]
    operations = [
        migrations.CreateModel(
            name="SupportContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField("role", choices=KINDS, max_length=10)),
                ("name", models.CharField("name", max_length=100)),
                (
                    "reach",
                    models.CharField("how to reach them", help_text="Telephone, chat or room.", max_length=200),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField("day", blank=True, choices=list(enumerate(DAYS)), null=True),
                ),
            ],
            options={
                "verbose_name": "contact to talk to",
                "verbose_name_plural": "contacts to talk to",
                "ordering": ["weekday", "name", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _label in KINDS])
                        & (Q(weekday=None) | Q(weekday__in=list(range(7)))),
                        name="support_contact_codes_known",
                    )
                ],
            },
        )
    ]

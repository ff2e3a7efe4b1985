import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0003_rules"), ("countries", "0003_group_approval_requests")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="all_portals",
            field=models.BooleanField(
                default=False, help_text="Including those created later.", verbose_name="all portals"
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="portal_groups",
            field=models.ManyToManyField(
                blank=True, related_name="members", to="countries.portalgroup", verbose_name="portal groups"
            ),
        ),
        migrations.CreateModel(
            name="CoverageGap",
            fields=[
                (
                    "portal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="countries.portal",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
            ],
            options={
                "verbose_name": "coverage gap",
                "verbose_name_plural": "coverage gaps",
                "default_permissions": (),
            },
        ),
    ]

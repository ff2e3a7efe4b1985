import django.core.validators
from django.db import migrations, models

PATTERNS = [
    ("none", "none"),
    ("chevrons", "chevrons"),
    ("diamonds", "diamonds"),
    ("dots", "dots"),
    ("lattice", "lattice"),
    ("scales", "scales"),
    ("steps", "steps"),
    ("stripes", "stripes"),
    ("waves", "waves"),
]
LAYOUTS = [
    ("plain", "plain: one band of the brand colour"),
    ("split", "split: the title on the page's own background, above a band"),
    ("tall", "tall: a band with much of the pattern"),
]


class Migration(migrations.Migration):
    dependencies = [("countries", "0003_group_approval_requests")]

    operations = [
        migrations.AddField(
            model_name="portal",
            name="accent_colour",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Of the pattern and the line below the header; empty for a lighter brand colour.",
                max_length=7,
                validators=[django.core.validators.RegexValidator("^#[0-9a-f]{6}$", "A colour such as #1d3b5c.")],
                verbose_name="accent colour",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="portal",
            name="pattern",
            field=models.CharField(
                choices=PATTERNS,
                default="none",
                help_text="Drawn from the two colours, below the header.",
                max_length=8,
                verbose_name="pattern",
            ),
        ),
        migrations.AddField(
            model_name="portal",
            name="header_layout",
            field=models.CharField(choices=LAYOUTS, default="plain", max_length=5, verbose_name="layout of the header"),
        ),
        migrations.AddConstraint(
            model_name="portal",
            constraint=models.CheckConstraint(
                condition=models.Q(("pattern__in", [value for value, _label in PATTERNS])),
                name="portal_pattern_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="portal",
            constraint=models.CheckConstraint(
                condition=models.Q(("header_layout__in", [value for value, _label in LAYOUTS])),
                name="portal_header_layout_known",
            ),
        ),
    ]

"""A portal links to web pages only, not to whatever else an address may lead to."""

from typing import ClassVar

from django.core.validators import URLValidator
from django.db import migrations, models

WEBSITE = models.URLField("web site", blank=True, validators=[URLValidator(schemes=["https", "http"])])


class Migration(migrations.Migration):
    dependencies: ClassVar = [("countries", "0001_initial")]

    operations: ClassVar = [
        migrations.AlterField("contact", "website", WEBSITE),
        migrations.AlterField("partner", "website", WEBSITE.clone()),
    ]

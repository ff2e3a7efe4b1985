from django.db import migrations, models

KINDS = [
    ("web", "web"),
    ("onion", "hidden service (onion, I2P)"),
    ("ip", "IP address"),
    ("app", "app or other link"),
    ("account", "account on an app"),
]
KIND = models.CharField("kind of address", max_length=8, choices=KINDS, blank=True)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0012_alarm_of_settings")]
    operations = [migrations.AlterField("incident", "address_kind", KIND)]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PortalGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "portals",
                    models.ManyToManyField(blank=True, related_name="+", to="countries.portal", verbose_name="portals"),
                ),
            ],
            options={
                "verbose_name": "portal group",
                "verbose_name_plural": "portal groups",
                "ordering": ["name"],
                "default_permissions": (),
            },
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="StreamPosition",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0, verbose_name="number")),
            ],
            options={
                "verbose_name": "position of the audit stream",
                "verbose_name_plural": "positions of the audit stream",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_stream_position_one")
                ],
            },
        ),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0005_approval_requests"),
        # Its rows are approval requests by then.
        ("analysts", "0025_approval_requests"),
    ]

    operations = [
        migrations.DeleteModel(name="Change"),
    ]

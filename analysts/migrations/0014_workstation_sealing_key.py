from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0013_time_zone")]

    operations = [
        migrations.AddField(
            model_name="workstation",
            name="sealing_key",
            field=models.BinaryField(
                blank=True, db_default=b"", default=b"", max_length=1216, verbose_name="sealing key"
            ),
        ),
    ]

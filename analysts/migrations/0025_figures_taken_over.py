from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0024_takedowns_of_host")]

    operations = [
        migrations.AddField(
            model_name="figureprogress",
            name="counted_from",
            field=models.DateField(null=True, verbose_name="counted from"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0025_reply_decisions")]

    operations = [
        migrations.AddField(
            model_name="figureprogress",
            name="counted_from",
            field=models.DateField(null=True, verbose_name="counted from"),
        ),
    ]

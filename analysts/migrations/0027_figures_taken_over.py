from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0026_provider_figures")]

    operations = [
        migrations.AddField(
            model_name="figureprogress",
            name="counted_from",
            field=models.DateField(null=True, verbose_name="counted from"),
        ),
    ]

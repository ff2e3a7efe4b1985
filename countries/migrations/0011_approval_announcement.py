from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0010_approval_expiry")]

    operations = [
        migrations.AddField(
            model_name="approvalrequest",
            name="announced_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="announced at"),
        ),
    ]

from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ACCOUNT = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
MOMENT = models.DateTimeField("recorded at", null=True, blank=True)
# Reviews of an earlier release count without accounts.
BY_ANOTHER = Q(confirmed_by=None) | (Q(recorded_by__isnull=False) & ~Q(confirmed_by=F("recorded_by")))
RULE = models.CheckConstraint(condition=BY_ANOTHER, name="language_review_confirmed_by_another")


class Migration(migrations.Migration):
    dependencies = [("countries", "0005_verified_digest")]
    operations = [
        migrations.AddField("languagereview", "recorded_by", ACCOUNT),
        migrations.AddField("languagereview", "recorded_at", MOMENT),
        migrations.AddField("languagereview", "confirmed_by", ACCOUNT.clone()),
        migrations.AddConstraint("languagereview", RULE),
    ]

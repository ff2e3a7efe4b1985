from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

ACCOUNT = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
MOMENT = models.DateTimeField("recorded at", null=True, blank=True)
# Reviews of an earlier release count without accounts.
BY_ANOTHER = Q(confirmed_by=None) | (Q(recorded_by__isnull=False) & ~Q(confirmed_by=F("recorded_by")))
RULE = models.CheckConstraint(condition=BY_ANOTHER, name="language_review_confirmed_by_another")
# As for every other second person (`analysts_refuse_second_person`).
GUARD = """
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_languagereview
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('confirmed_by_id');
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0006_second_persons"), ("countries", "0005_verified_digest")]
    operations = [
        migrations.AddField("languagereview", "recorded_by", ACCOUNT),
        migrations.AddField("languagereview", "recorded_at", MOMENT),
        migrations.AddField("languagereview", "confirmed_by", ACCOUNT.clone()),
        migrations.AddConstraint("languagereview", RULE),
        migrations.RunSQL(GUARD, "DROP TRIGGER second_person_vouched_for ON countries_languagereview"),
    ]

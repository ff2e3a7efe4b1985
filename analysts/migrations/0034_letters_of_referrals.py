from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

OF_REFERRAL = models.Index(fields=["referral"], name="notice_item_of_referral", condition=Q(dropped=""))


class Migration(migrations.Migration):
    """The index is built while the table is used."""

    atomic = False
    dependencies = [("analysts", "0033_steps_after_replies")]
    operations = [AddIndexConcurrently("noticeitem", OF_REFERRAL)]

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

MOVED = Q(routed_trace__isnull=False) & ~Q(routed_trace=F("trace"))
TO_ESCALATE = models.Index(
    Coalesce("escalated_at", "noticed_at"),
    "id",
    name="chase_escalates",
    condition=Q(ended_at=None) & Q(noticed_at__isnull=False, removed_in_a_row=0) & ~MOVED,
)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0057_desk_names")]
    operations = [migrations.AddIndex("chase", TO_ESCALATE), migrations.RemoveIndex("chase", "chase_notified")]

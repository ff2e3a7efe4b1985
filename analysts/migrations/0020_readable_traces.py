from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

READABLE = models.Index(fields=["key", "id"], name="trace_readable", condition=~models.Q(sealed=b""))


class Migration(migrations.Migration):
    # Pages go on reading and writing traces meanwhile.
    atomic = False
    dependencies = [("analysts", "0019_host_addresses")]
    operations = [
        ValidateConstraint("hostingtrace", "trace_sealed_has_key"),
        AddIndexConcurrently("hostingtrace", READABLE),
    ]

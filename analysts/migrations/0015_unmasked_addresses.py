from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

UNMASKED = models.Index(
    fields=["key"],
    name="incident_unmasked",
    condition=models.Q(sealed_mask=b"") & ~models.Q(sealed_address=b""),
)


class Migration(migrations.Migration):
    # Pages go on reading and writing incidents meanwhile.
    atomic = False
    dependencies = [("analysts", "0014_sealed_masks")]
    operations = [
        ValidateConstraint("incident", "incident_mask_has_address"),
        AddIndexConcurrently("incident", UNMASKED),
    ]

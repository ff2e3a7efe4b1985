from pathlib import Path
from typing import ClassVar

from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def at_most_bytes(model: str, field: str, most: int, name: str) -> migrations.AddConstraint:
    return migrations.AddConstraint(
        model, models.CheckConstraint(condition=LessThanOrEqual(Length(field), most), name=name)
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("countries", "0003_group_approval_requests"), ("reports", "0006_public_states")]

    operations: ClassVar = [
        migrations.AlterField(
            "noticeanswer", "taken_in", models.BooleanField("taken in", default=False, db_default=False)
        ),
        migrations.AlterField(
            "receipt",
            "outcomes",
            models.JSONField(
                "published outcomes", default=list, db_default=models.Value([], output_field=models.JSONField())
            ),
        ),
        at_most_bytes("noticeanswer", "sealed", 33905, "notice_answer_size"),
        at_most_bytes("noticeanswer", "digest", 32, "notice_answer_digest_size"),
        at_most_bytes("receipt", "mailbox_key", 1216, "receipt_mailbox_key_size"),
        at_most_bytes("submission", "sealed", 263281, "submission_size"),
        at_most_bytes("submission", "digest", 32, "submission_digest_size"),
        migrations.AddConstraint(
            "submission",
            models.CheckConstraint(
                condition=models.Q(language__regex=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"),
                name="submission_language_well_formed",
            ),
        ),
        # A list: not split into statements, which would break the functions' bodies.
        migrations.RunSQL([RULES]),
    ]

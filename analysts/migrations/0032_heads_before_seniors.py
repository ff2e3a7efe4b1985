import re
from pathlib import Path
from typing import ClassVar

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
# The end of the file is the trigger and the function, as before.
_QUEUE_HEADS = Path(__file__).with_name("0028_queue_heads.sql").read_text(encoding="utf-8")
EARLIER_RULES = re.sub(
    r"\bCREATE (FUNCTION|TRIGGER)",
    r"CREATE OR REPLACE \1",
    _QUEUE_HEADS[_QUEUE_HEADS.index("CREATE TRIGGER incident_waits_again") :],
)
# They have moved past what waits for senior analysts.
FORGET_HEADS = "DELETE FROM analysts_queuehead"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0031_sheet_withdrawals")]

    operations: ClassVar = [migrations.RunSQL([RULES], [EARLIER_RULES, FORGET_HEADS])]

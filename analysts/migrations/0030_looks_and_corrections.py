from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

BASES = {
    "seen": "seen on the isolated workstation",
    "words": "the words of the reports",
    "duplicate": "a known duplicate",
}
CATEGORIES = {
    "A": "A: penetrative, animal or sadism",
    "B": "B: non-penetrative",
    "C": "C: other indecent",
    "P": "Prohibited: non-photographic",
    "I": "Inchoate: text or links that assist an offence",
}
FAILURES = {
    "refused": "the mail server rejects the recipient or the message",
    "away": "the mail server was unavailable for too long",
    "no_mail": "no mail server is configured",
    "no_template": "no notice text for this type of recipient and language",
    "no_placeholder": "a placeholder in the text has no value",
    "unreadable": "an address cannot be decrypted",
}
# They wait for their recipient now; those whose recipient was verified since are sent, after the last checks.
WAIT = """
    UPDATE analysts_notice SET state = 'ready', dead_reason = '', dead_code = NULL, next_try_at = now()
    WHERE state = 'dead' AND dead_reason = 'not_verified'
"""


def replace_check(model: str, name: str, condition: Q) -> list[migrations.operations.base.Operation]:
    check = models.CheckConstraint(condition=condition, name=name)
    return [migrations.RemoveConstraint(model, name), AddConstraintNotValid(model, check)]


class Migration(migrations.Migration):
    dependencies = [("analysts", "0029_inboxes"), ("reports", "0003_further_look")]
    operations = [
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
        migrations.AddField(
            "assessment",
            "basis",
            models.CharField(
                "rests on", max_length=9, choices=list(BASES.items()), blank=True, default="", db_default=""
            ),
        ),
        AddConstraintNotValid(
            "assessment",
            models.CheckConstraint(
                condition=Q(basis="") | Q(verdict="illegal", basis__in=list(BASES)), name="assessment_basis_of_illegal"
            ),
        ),
        migrations.AddField(
            "chase", "unseen_since", models.DateTimeField("waits for a look since", null=True, blank=True)
        ),
        migrations.AddField(
            "noticeitem",
            "corrects",
            models.ForeignKey(
                on_delete=models.PROTECT,
                null=True,
                blank=True,
                related_name="corrections",
                db_index=False,
                to="analysts.noticeitem",
            ),
        ),
        migrations.AddField(
            "noticeitem",
            "category",
            models.CharField(
                "category stated", max_length=1, choices=list(CATEGORIES.items()), blank=True, default="", db_default=""
            ),
        ),
        migrations.AlterField(
            "notice",
            "dead_reason",
            models.CharField("reason for failure", max_length=16, choices=list(FAILURES.items()), blank=True),
        ),
        *replace_check(
            "notice",
            "notice_dead_for_a_reason",
            Q(state="dead", dead_reason__in=list(FAILURES))
            | (~Q(state="dead") & Q(dead_reason="", dead_code__isnull=True)),
        ),
    ]

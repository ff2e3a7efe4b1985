from django.db import migrations, models

STEPS = {
    "moved": "approve the new route",
    "route": "confirm the route",
    "trace": "trace the hosting",
    "redaction": "redact before sending",
    "reply": "read a reply",
    "check_removal": "check the removal",
    "answer": "read the reporter’s answer",
    "by_hand": "send a notice by hand",
    "failed": "decide about a failed notice",
    "refused": "decide after the police refusal",
    "no_recipient": "add a recipient",
    "complain": "complain about the decision",
    "decide": "decide what happens next",
    "request": "clearance request to be sent",
    "notice": "notice to be sent",
    "verify": "have the recipient verified",
    "police": "answer of the police",
    "recipient": "reply of the recipient",
    "receipt": "confirmation of receipt",
    "decision": "decision of the recipient",
    "reporter": "answer of the reporter",
    "colleague": "answer of a colleague",
    "workstation": "result of the isolated workstation",
    "removal": "confirm the removal",
    "ask_again": "request clearance again",
    "keep_online": "keep online for the investigation",
}
# Steps that no other list has.
LISTED = [
    "answer",
    "refused",
    "no_recipient",
    "complain",
    "decide",
    "request",
    "notice",
    "verify",
    "police",
    "recipient",
    "receipt",
    "decision",
    "reporter",
    "colleague",
    "workstation",
    "ask_again",
    "keep_online",
]
TO_REVIEW = models.Index(
    fields=["review_at", "incident"], name="next_step_to_review", condition=models.Q(kind__in=LISTED)
)


class Migration(migrations.Migration):
    """The table has open incidents only, so that neither the check nor the index holds up a page."""

    dependencies = [("analysts", "0026_legal_texts")]
    operations = [
        migrations.AlterField(
            "nextstep", "kind", models.CharField("next step", max_length=16, choices=list(STEPS.items()))
        ),
        migrations.RemoveConstraint("nextstep", "next_step_kind_known"),
        migrations.AddConstraint(
            "nextstep",
            models.CheckConstraint(condition=models.Q(kind__in=list(STEPS)), name="next_step_kind_known"),
        ),
        migrations.RemoveIndex("nextstep", "next_step_to_review"),
        migrations.AddIndex("nextstep", TO_REVIEW),
    ]

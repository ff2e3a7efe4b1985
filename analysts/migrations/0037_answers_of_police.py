from typing import Any

from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

STEPS = {
    "look": "look at the content",
    "moved": "approve the new route",
    "route": "confirm the route",
    "trace": "trace the hosting",
    "redaction": "redact before sending",
    "reply": "read a reply",
    "check_removal": "check the removal",
    "call_back": "call the police back",
    "other_police": "choose another police force",
    "retrace": "trace the hosting again",
    "inform": "answer a recipient’s question",
    "left_online": "escalate after a reply",
    "answer": "read the reporter’s answer",
    "by_hand": "send a notice by hand",
    "failed": "decide about a failed notice",
    "appeal": "review an appeal",
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
LISTED_ELSEWHERE = {
    *("look", "moved", "route", "trace", "redaction", "reply", "check_removal", "by_hand", "failed", "appeal"),
    *("verify", "removal"),
}
KINDS = {
    "acknowledged": "We have received it and will look into it.",
    "granted": "Clearance granted: you may have it removed.",
    "refused": "Clearance refused: do not have it removed.",
    "case_opened": "We have opened a case.",
    "not_for_us": "It is not for us.",
    "removed": "We have removed it.",
    "decided": "We have decided what to do. (Please fill in the next part.)",
    "not_ours": "It is not hosted with us.",
    "need_more": "We need more from you.",
    "contested": "We contest it.",
    "call_me": "Please call us.",
}
DECISIONS = {"granted": "granted", "refused": "refused", "not_ours": "not theirs to decide"}
CONFIRMATIONS = {
    "inbox": "sent from their own account",
    "call": "confirmed when called back",
    "denied": "not from them, they say when called back",
}
ACTIONS = ["removed", "blocked", "limited", "account", "no_action"]
# The actions that fit a kind; of the others, none.
FITTING = {
    "removed": ["removed", "account"],
    "decided": ACTIONS,
    "contested": [*ACTIONS, ""],
}
FITS = ~Q(kind__in=[*KINDS])
for kind in KINDS:
    FITS |= Q(kind=kind, action__in=FITTING.get(kind, [""]))
UNANSWERED = Q(answer="", answered_on__isnull=True, reference="", recorded_by__isnull=True, recorded_at__isnull=True)
ANSWERED = Q(
    answer__in=[*DECISIONS], answered_on__isnull=False, recorded_by__isnull=False, recorded_at__isnull=False
) & (~Q(reference="") | Q(answer="not_ours"))
UNCONFIRMED = Q(confirmation="", confirmed_by=None, confirmed_at=None)
CONFIRMED = Q(confirmation__in=[*CONFIRMATIONS], confirmed_by__isnull=False, confirmed_at__isnull=False)
# By model and name: the conditions that replace earlier ones, and a new one.
REPLACED = (
    ("nextstep", "next_step_kind_known", Q(kind__in=[*STEPS])),
    ("policehold", "police_hold_answered_in_full", UNANSWERED | ANSWERED),
    ("reply", "reply_kind_known", Q(kind__in=[*KINDS])),
    ("reply", "reply_action_fits_kind", FITS),
)
ADDED = (("reply", "reply_confirmed_by_person", UNCONFIRMED | CONFIRMED),)
MESSAGES = {"police_hold_answered_in_full": "An answer needs a date and a reference."}


def choice(name: str, longest: int, choices: dict[str, str], **options: Any) -> Any:
    return models.CharField(name, max_length=longest, choices=list(choices.items()), **options)


def text(name: str, longest: int) -> Any:
    return models.CharField(name, blank=True, db_default="", default="", max_length=longest)


class Migration(migrations.Migration):
    """Answers of the police are claims until they are confirmed, from their inbox or on a verified telephone number."""

    dependencies = [("analysts", "0036_letter_values_and_refusals")]
    operations = [
        *(migrations.RemoveConstraint(model, name) for model, name, _condition in REPLACED),
        migrations.RemoveIndex("nextstep", "next_step_to_review"),
        migrations.AddField("recipient", "phone", text("telephone", 40)),
        migrations.AddField("reply", "case_number", text("case number", 60)),
        migrations.AddField(
            "reply",
            "confirmation",
            choice("confirmation", 8, CONFIRMATIONS, blank=True, db_default="", default=""),
        ),
        migrations.AddField("reply", "confirmed_at", models.DateTimeField("confirmed at", blank=True, null=True)),
        migrations.AddField(
            "reply",
            "confirmed_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL, models.PROTECT, blank=True, db_index=False, null=True, related_name="+"
            ),
        ),
        migrations.AlterField("nextstep", "kind", choice("next step", 16, STEPS)),
        migrations.AlterField("policehold", "answer", choice("answer", 8, DECISIONS, blank=True)),
        migrations.AlterField("reply", "kind", choice("kind", 12, KINDS)),
        migrations.AddIndex(
            "nextstep",
            models.Index(
                fields=["review_at", "incident"],
                name="next_step_to_review",
                condition=Q(kind__in=[kind for kind in STEPS if kind not in LISTED_ELSEWHERE]),
            ),
        ),
        migrations.AddIndex(
            "reply",
            models.Index(fields=["case_number"], name="reply_case_number", condition=~Q(case_number="")),
        ),
        *(
            AddConstraintNotValid(
                model,
                models.CheckConstraint(condition=condition, name=name, violation_error_message=MESSAGES.get(name)),
            )
            for model, name, condition in (*REPLACED, *ADDED)
        ),
    ]

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

APPELLANTS = {
    "provider": "provider",
    "owner": "site owner",
    "holder": "account holder, wrongly named",
    "other": "another recipient",
}
REASONS = {
    "illegal": "the content is illegal as assessed",
    "no_grounds": "the appeal gives no new grounds",
    "not_illegal": "the content is not illegal",
    "adult": "the person is proved to be an adult",
    "wrong_place": "the content is not at this address",
    "wrong_holder": "the account is not that person’s",
}
UNSEEN = {
    "same": "I decided an appeal about the same content",
    "form": "the appeal is not about this incident",
    "erased": "address and grounds are erased or cannot be decrypted",
    "welfare": "I must not look at it; both assessments are clear",
}
PURPOSES = {
    "first": "first notice",
    "again": "reminder",
    "escalation": "escalation",
    "clearance": "clearance request",
    "correction": "correction",
    "back": "answer to a question",
    "outcome": "outcome of an appeal",
}
DROPPED = {
    "moved": "the content is now hosted elsewhere",
    "gone": "the content has been removed",
    "ended": "work on the incident has ended",
    "held": "police clearance is missing",
    "unconfirmed": "the redaction of its address is not confirmed",
    "unseen": "the content has not been looked at",
    "taken_back": "cancelled",
    "appeal": "an appeal is being reviewed",
    "denied": "the recipient says that it is not with them",
}
STEPS = {
    "look": "look at the content",
    "moved": "approve the new route",
    "route": "confirm the route",
    "trace": "trace the hosting",
    "redaction": "redact before sending",
    "reply": "read a reply",
    "check_removal": "check the removal",
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
# Another to-do lists these.
LISTED_ELSEWHERE = {
    *(
        "look",
        "moved",
        "route",
        "trace",
        "redaction",
        "reply",
        "check_removal",
        "by_hand",
        "failed",
        "appeal",
        "verify",
        "removal",
    ),
}
STATES = ["gathering", "ready", "sent", "dead", "dropped"]
ANSWERS = ["back", "outcome"]
DECIDED = Q(
    outcome__in=["upheld", "overturned"], reason__in=[*REASONS], reviewed_by__isnull=False, reviewed_at__isnull=False
)
UNDECIDED = Q(outcome="", reason="", reviewed_by__isnull=True, reviewed_at__isnull=True)
# By model and name: the conditions that replace earlier ones, and new ones.
REPLACED = (
    ("appeal", "appeal_appellant_known", Q(appellant__in=[*APPELLANTS])),
    ("appeal", "appeal_decided_by_person", UNDECIDED | DECIDED),
    ("nextstep", "next_step_kind_known", Q(kind__in=[*STEPS])),
    ("notice", "notice_codes_known", Q(state__in=STATES, purpose__in=[*PURPOSES])),
    ("noticeitem", "notice_item_drop_known", Q(dropped__in=["", *DROPPED])),
)
ADDED = (
    ("appeal", "appeal_unseen_reason_known", Q(unseen_reason__in=["", *UNSEEN])),
    (
        "notice",
        "notice_answers_a_reply",
        Q(purpose__in=ANSWERS, answers__isnull=False) & ~Q(topic="")
        | ~Q(purpose__in=ANSWERS) & Q(answers=None, topic=""),
    ),
    ("referral", "referral_retraced_once_denied", Q(retraced_at=None) | Q(denied_at__isnull=False)),
)


def choice(name: str, longest: int, choices: dict[str, str], **options: Any) -> Any:
    return models.CharField(name, max_length=longest, choices=list(choices.items()), **options)


class Migration(migrations.Migration):
    """Replies are about addresses by number, cause steps, and are answered by letters."""

    dependencies = [("analysts", "0032_minutes_of_replies")]
    operations = [
        *(migrations.RemoveConstraint(model, name) for model, name, _condition in REPLACED),
        migrations.RemoveIndex("nextstep", "next_step_to_review"),
        migrations.AddField(
            "appeal",
            "revealed_to",
            ArrayField(
                models.PositiveBigIntegerField(), blank=True, db_default=[], default=list, verbose_name="revealed to"
            ),
        ),
        migrations.AddField(
            "appeal",
            "unseen_reason",
            choice("reason for deciding unseen", 10, UNSEEN, blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            "notice",
            "answers",
            models.ForeignKey(
                "analysts.reply", models.PROTECT, blank=True, null=True, db_index=False, related_name="answered_by"
            ),
        ),
        migrations.AddField(
            "notice", "topic", models.CharField("topic", blank=True, db_default="", default="", max_length=12)
        ),
        migrations.AddField("noticeitem", "number", models.PositiveSmallIntegerField("number", blank=True, null=True)),
        migrations.AddField("referral", "denied_at", models.DateTimeField("denied at", blank=True, null=True)),
        migrations.AddField("referral", "retraced_at", models.DateTimeField("traced again at", blank=True, null=True)),
        migrations.AddField(
            "reply",
            "numbers",
            ArrayField(models.PositiveSmallIntegerField(), db_default=[], default=list, verbose_name="numbers"),
        ),
        migrations.AlterField("appeal", "appellant", choice("appellant", 8, APPELLANTS)),
        migrations.AlterField("appeal", "reason", choice("reason", 12, REASONS, blank=True)),
        migrations.AlterField("nextstep", "kind", choice("next step", 16, STEPS)),
        migrations.AlterField("notice", "purpose", choice("purpose", 10, PURPOSES, default="first")),
        migrations.AlterField("noticetemplate", "purpose", choice("purpose", 10, PURPOSES, default="first")),
        migrations.AlterField("noticeitem", "dropped", choice("reason for leaving it out", 12, DROPPED, blank=True)),
        migrations.AlterField(
            "noticeitem", "interval", models.PositiveIntegerField("interval", blank=True, default=0, null=True)
        ),
        migrations.AddIndex(
            "nextstep",
            models.Index(
                fields=["review_at", "incident"],
                name="next_step_to_review",
                condition=Q(kind__in=[kind for kind in STEPS if kind not in LISTED_ELSEWHERE]),
            ),
        ),
        migrations.AddIndex(
            "notice", models.Index(fields=["answers"], name="notice_answers", condition=Q(answers__isnull=False))
        ),
        migrations.AddConstraint(
            "noticeitem",
            models.UniqueConstraint(
                fields=["notice", "number"], condition=Q(number__isnull=False), name="notice_item_number_once"
            ),
        ),
        *(
            AddConstraintNotValid(model, models.CheckConstraint(condition=condition, name=name))
            for model, name, condition in (*REPLACED, *ADDED)
        ),
    ]

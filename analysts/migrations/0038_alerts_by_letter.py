from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

RECIPIENTS = {
    "host": "hosting provider",
    "owner": "site owner",
    "registrar": "registrar",
    "platform": "platform’s trust and safety team",
    "police": "police",
    "hotline": "hotline",
    "protection": "child protection body or helpline",
}
PURPOSES = {
    "first": "first notice",
    "again": "reminder",
    "escalation": "escalation",
    "clearance": "clearance request",
    "correction": "correction",
    "back": "answer to a question",
    "outcome": "outcome of an appeal",
    "alert": "alert before a verdict",
}
REASONS = {
    "recipient": "it went, or was to go, to the wrong recipient",
    "facts": "what it says is wrong",
    "mistake": "it was made by mistake",
}
STATES = ["gathering", "ready", "sent", "dead", "dropped"]
SEVERITIES = ["A", "B", "C", "P", "I"]
FLAGS = ["self_generated", "sextortion", "ai_generated", "several_children", "drawn", "child_modelling", "known_person"]
HAS_TOPIC, IS_ANSWER = ~Q(topic=""), Q(purpose__in=["back", "outcome"])
# By model and name: the conditions that replace earlier ones, and new ones.
REPLACED = (
    ("notice", "notice_codes_known", Q(state__in=STATES, purpose__in=[*PURPOSES])),
    (
        "notice",
        "notice_answers_a_reply",
        Q(purpose__in=["back", "outcome"], answers__isnull=False, appeal=None) & HAS_TOPIC
        | Q(purpose__in=["back", "outcome"], answers=None, appeal__isnull=False) & HAS_TOPIC
        | ~IS_ANSWER & Q(answers=None, appeal=None, topic=""),
    ),
    (
        "recipient",
        "recipient_codes_known",
        Q(kind__in=[*RECIPIENTS], channel__in=["email", "xarf", "link", "by_hand"]),
    ),
    (
        "legaltext",
        "legal_text_codes_known",
        Q(
            kind__in=["ground", "duty"],
            severities__contained_by=SEVERITIES,
            flags__contained_by=FLAGS,
            recipients__contained_by=[*RECIPIENTS],
        ),
    ),
)
ADDED = (
    ("appeal", "appeal_letter_of_holder", Q(letter=None) | Q(appellant="holder", reply=None)),
    (
        "noticeitem",
        "notice_item_referral_or_alert",
        Q(referral__isnull=False, alert=None) | Q(referral=None, alert__isnull=False),
    ),
    (
        "referral",
        "referral_withdrawn_by_person",
        Q(withdrawn_reason="", withdrawn_by=None)
        | Q(withdrawn_reason__in=[*REASONS], withdrawn_by__isnull=False, ended_at__isnull=False),
    ),
    (
        "childalert",
        "child_alert_withdrawn_by_person",
        Q(withdrawn_reason="", withdrawn_by=None, withdrawn_at=None)
        | Q(
            withdrawn_reason__in=[*REASONS],
            withdrawn_by__isnull=False,
            withdrawn_at__isnull=False,
            withdrawn_at__gte=F("at"),
        ),
    ),
)


def choice(name: str, longest: int, choices: dict[str, str], **options: Any) -> Any:
    return models.CharField(name, max_length=longest, choices=list(choices.items()), **options)


def link(to: str, related_name: str = "+") -> Any:
    return models.ForeignKey(to, models.PROTECT, blank=True, null=True, db_index=False, related_name=related_name)


def reason() -> Any:
    return choice("reason for withdrawing it", 9, REASONS, blank=True, db_default="", default="")


class Migration(migrations.Migration):
    """Alerts are sent as letters; referrals and alerts are withdrawn; account holders' appeals name a letter.

    The table of alerts is small: its index and unique constraint are built at once.
    """

    dependencies = [("analysts", "0037_answers_of_police")]
    operations = [
        *(migrations.RemoveConstraint(model, name) for model, name, _condition in REPLACED),
        migrations.RemoveConstraint("childalert", "child_alert_once"),
        migrations.RemoveIndex("childalert", "child_alert_uncorrected"),
        migrations.AddField("appeal", "letter", link("analysts.notice")),
        migrations.AddField("childalert", "to", link("analysts.recipient")),
        migrations.AddField("childalert", "withdrawn_reason", reason()),
        migrations.AddField("childalert", "withdrawn_by", link(settings.AUTH_USER_MODEL)),
        migrations.AddField("childalert", "withdrawn_at", models.DateTimeField("withdrawn at", blank=True, null=True)),
        migrations.AddField("notice", "appeal", link("analysts.appeal")),
        migrations.AddField("noticeitem", "alert", link("analysts.childalert", "items")),
        migrations.AddField("referral", "withdrawn_reason", reason()),
        migrations.AddField("referral", "withdrawn_by", link(settings.AUTH_USER_MODEL)),
        migrations.AlterField("childalert", "phone", models.CharField("telephone", blank=True, max_length=40)),
        migrations.AlterField(
            "legaltext",
            "recipients",
            ArrayField(
                models.CharField(choices=list(RECIPIENTS.items()), max_length=10),
                blank=True,
                default=list,
                verbose_name="types of recipient",
            ),
        ),
        migrations.AlterField("notice", "purpose", choice("purpose", 10, PURPOSES, default="first")),
        migrations.AlterField("noticeitem", "referral", link("analysts.referral", "items")),
        migrations.AlterField("noticetemplate", "kind", choice("type of recipient", 10, RECIPIENTS)),
        migrations.AlterField("noticetemplate", "purpose", choice("purpose", 10, PURPOSES, default="first")),
        migrations.AlterField("recipient", "kind", choice("kind", 10, RECIPIENTS)),
        migrations.AddConstraint(
            "childalert",
            models.UniqueConstraint(
                fields=["incident", "kind", "name", "to"], nulls_distinct=False, name="child_alert_once"
            ),
        ),
        migrations.AddIndex(
            "childalert",
            models.Index(fields=["at", "id"], name="child_alert_uncorrected", condition=Q(corrected_at=None, to=None)),
        ),
        *(
            AddConstraintNotValid(model, models.CheckConstraint(condition=condition, name=name))
            for model, name, condition in (*REPLACED, *ADDED)
        ),
    ]

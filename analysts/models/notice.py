"""Notices to recipients and the incidents in them."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.codes import Severity
from analysts.codes.recipient_kinds import RecipientKind
from analysts.models.alert import ChildAlert
from analysts.models.incident import Incident
from analysts.models.legal import SenderIdentity
from analysts.models.notice_template import NoticeTemplate, Purpose
from analysts.models.recipient import Recipient
from analysts.models.routing import PoliceHold, Referral
from analysts.models.staff.user import User
from reports.models import NoticeLink, SealingKey
from reports.notices import Answerer


class NoticeState(models.TextChoices):
    # Further addresses for the same recipient can still be added.
    GATHERING = "gathering", _("scheduled")
    # A job has been ordered to send it, or a person has to send it manually.
    READY = "ready", _("sending")
    SENT = "sent", _("sent")
    # Sending failed: a person decides what to do.
    DEAD = "dead", _("failed")
    # No address was left to send when it was due, or a person cancelled it.
    DROPPED = "dropped", _("cancelled")


# Notices in these states can still be sent.
UNSENT = [NoticeState.GATHERING, NoticeState.READY, NoticeState.DEAD]


# The purposes of letters that answer a reply, and of all that are no step of a takedown.
ANSWERS = [purpose for purpose in Purpose if purpose.row.answers_reply]
NO_STEPS = [purpose for purpose in Purpose if purpose.row.answers_reply or not purpose.row.asks]


class DeadReason(models.TextChoices):
    """Why sending failed, according to the mail server or to our own checks before sending."""

    REFUSED = "refused", _("the mail server rejects the recipient or the message")
    AWAY = "away", _("the mail server was unavailable for too long")
    NO_MAIL = "no_mail", _("no mail server is configured")
    NO_TEMPLATE = "no_template", _("no notice text for this type of recipient and language")
    NO_PLACEHOLDER = "no_placeholder", _("a placeholder in the text has no value")
    UNREADABLE = "unreadable", _("an address cannot be decrypted")


# How long an attempt reserves its notice, including when its worker is killed.
# An attempt can take longer: each of about ten replies of the mail server may take MAIL_SECONDS, or more if it sends
# them slowly. The notice may then be sent a second time, with the same Message-ID.
PATIENCE = timedelta(minutes=10)
# A worker that runs sends a notice within this time of its due time.
LATE_AFTER = timedelta(minutes=5)


# The recipient can be sent something: as `Recipient.is_usable`.
TO_USABLE = Recipient.verified("recipient__") & Q(recipient__closed_on=None)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        """Notices about at least one incident that the user can see."""
        items = NoticeItem.objects.filter(notice=OuterRef("pk"), incident__portals__overlap=user.portal_array)
        return self.filter(Exists(items))

    def due(self, now: datetime) -> Self:
        """Notices that a job should have sent by now. Notices sent manually are never due.

        A notice to a recipient that is not verified, or no longer used, waits, unless it has nothing left to send.
        """
        is_empty = ~Exists(NoticeItem.objects.filter(notice=OuterRef("pk"), dropped=""))
        return self.filter(
            Q(state=NoticeState.GATHERING, scheduled_at__lte=now) | Q(state=NoticeState.READY, next_try_at__lte=now)
        ).filter(TO_USABLE | is_empty)

    def by_hand(self) -> Self:
        """Notices that are ready to be sent manually, and may be."""
        return self.filter(TO_USABLE, state=NoticeState.READY, next_try_at=None)

    def to_leave(self) -> Self:
        """Notices that wait: for a job, or for their recipient to be verified."""
        waiting = self.filter(state__in=[NoticeState.GATHERING, NoticeState.READY])
        return waiting.exclude(TO_USABLE, state=NoticeState.READY, next_try_at=None)


class Notice(models.Model):
    """One notice to one recipient about one or many addresses. Its row and the job that sends it commit together.

    Its reference is random, so that it reveals neither the number nor the order of notices.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="notices", db_index=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.FIRST)
    state = models.CharField(_("state"), max_length=10, choices=NoticeState, default=NoticeState.GATHERING)
    # The text it was sent with, chosen at the time of sending.
    template = models.ForeignKey(
        NoticeTemplate, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # The sender under whose status as a trusted flagger it was sent, as it was then; None: under none.
    sender = models.ForeignKey(SenderIdentity, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # The reply that it answers, or the appeal of an account holder whose outcome it states, and the `BackTopic` or
    # `AppealReason` that chooses its paragraph.
    answers = models.ForeignKey(
        "Reply", models.PROTECT, null=True, blank=True, related_name="answered_by", db_index=False
    )
    appeal = models.ForeignKey("Appeal", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    topic = models.CharField(_("topic"), max_length=12, blank=True, default="", db_default="")
    # By the name of the placeholder, the values that depend on none of its addresses, as the letter states them: later
    # changes of settings, recipient or law do not alter it. Empty before it is made, and of earlier releases.
    letter_values = models.JSONField(_("values of the letter"), default=dict, db_default={}, blank=True)
    # The same in every attempt, so that a recipient can recognise a duplicate.
    message_id = models.CharField(_("message id"), max_length=120, unique=True)
    link = models.OneToOneField(NoticeLink, models.PROTECT, related_name="notice")
    # None if it was created automatically by a chase.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(_("made at"))
    # When it is closed to further addresses and due to be sent, within the recipient's working hours.
    scheduled_at = models.DateTimeField(_("scheduled for"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The latest and the next attempt; both None for notices sent manually.
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    # Who sent it, if it was sent manually.
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # When staff first saw its reply link, which only a letter sent by hand shows: replies since may be theirs.
    link_read_at = models.DateTimeField(_("reply link shown at"), null=True, blank=True)
    dead_reason = models.CharField(_("reason for failure"), max_length=16, choices=DeadReason, blank=True)
    # The mail server's reply code, such as 550; not its text, which may quote the notice.
    dead_code = models.PositiveSmallIntegerField(_("mail server reply code"), null=True, blank=True)

    objects: ClassVar[models.Manager["Notice"]] = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ()
        ordering = ["made_at"]
        indexes = [
            models.Index(fields=["recipient", "-sent_at"], name="notice_of_recipient"),
            models.Index(
                fields=["scheduled_at", "id"],
                name="notice_to_leave",
                condition=Q(state__in=[NoticeState.GATHERING, NoticeState.READY]),
            ),
            models.Index(
                fields=["next_try_at", "id"],
                name="notice_to_try",
                condition=Q(state=NoticeState.READY, next_try_at__isnull=False),
            ),
            models.Index(
                fields=["scheduled_at", "id"],
                name="notice_by_hand",
                condition=Q(state=NoticeState.READY, next_try_at=None),
            ),
            models.Index(fields=["tried_at", "id"], name="notice_dead", condition=Q(state=NoticeState.DEAD)),
            models.Index(fields=["-sent_at", "id"], name="notice_sent", condition=Q(state=NoticeState.SENT)),
            models.Index(fields=["answers"], name="notice_answers", condition=Q(answers__isnull=False)),
        ]
        constraints = [
            # Concurrent additions for one recipient use the same notice.
            models.UniqueConstraint(
                fields=["recipient", "purpose"],
                condition=Q(state=NoticeState.GATHERING),
                name="notice_gathers_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NoticeState.values, purpose__in=Purpose.values), name="notice_codes_known"
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.SENT, sent_at__isnull=False, template__isnull=False)
                | (~Q(state=NoticeState.SENT) & Q(sent_at__isnull=True)),
                name="notice_sent_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=ANSWERS, answers__isnull=False, appeal=None) & ~Q(topic="")
                | Q(purpose__in=ANSWERS, answers=None, appeal__isnull=False) & ~Q(topic="")
                | ~Q(purpose__in=ANSWERS) & Q(answers=None, appeal=None, topic=""),
                name="notice_answers_a_reply",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.DEAD, dead_reason__in=DeadReason.values)
                | (~Q(state=NoticeState.DEAD) & Q(dead_reason="", dead_code__isnull=True)),
                name="notice_dead_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_by_hand(self) -> bool:
        """Whether a person has to send it."""
        return self.state == NoticeState.READY and self.next_try_at is None

    @property
    def leaves_at(self) -> datetime | None:
        """When a job should send it; None if it is sent by hand, or is not waiting to be sent."""
        match NoticeState(self.state):
            case NoticeState.GATHERING:
                return self.scheduled_at
            case NoticeState.READY:
                return self.next_try_at
            case _:
                return None

    def answerer(self) -> Answerer:
        """Whose kinds of answer fit its recipient; a query for police only."""
        return answerer_about(self.recipient, self.items.filter(dropped="").values("incident"))

    def numbers(self) -> list[int]:
        """The numbers of the addresses in its letter, in order; none for letters that earlier releases sent."""
        numbers = self.items.filter(dropped="").order_by("number").values_list("number", flat=True)
        return [number for number in numbers if number]

    def is_late(self, now: datetime) -> bool:
        """Whether a job should have sent it more than LATE_AFTER ago."""
        return self.leaves_at is not None and self.leaves_at + LATE_AFTER < now

    def is_sending(self, now: datetime) -> bool:
        """Whether a worker is sending it now, or was killed while sending it."""
        if self.state != NoticeState.READY or self.tried_at is None or self.next_try_at is None:
            return False
        return self.next_try_at == self.tried_at + PATIENCE and now < self.next_try_at


def answerer_about(recipient: Recipient, incidents: QuerySet[Any, Any] | Collection[uuid.UUID]) -> Answerer:
    """Whose kinds of answer fit the recipient about these incidents: police decide where they were asked to."""
    if not RecipientKind(recipient.kind).row.is_asked_for_clearance:
        return Answerer.HOST
    is_asked = PoliceHold.objects.filter(police=recipient, incident__in=incidents).exists()
    return Answerer.CLEARANCE if is_asked else Answerer.POLICE


class DropReason(models.TextChoices):
    """Why an address was left out of a notice before it was sent."""

    MOVED = "moved", _("the content is now hosted elsewhere")
    GONE = "gone", _("the content has been removed")
    ENDED = "ended", _("work on the incident has ended")
    HELD = "held", _("police clearance is missing")
    UNCONFIRMED = "unconfirmed", _("the redaction of its address is not confirmed")
    UNSEEN = "unseen", _("the content has not been looked at")
    TAKEN_BACK = "taken_back", _("cancelled")
    APPEAL = "appeal", _("an appeal is being reviewed")
    DENIED = "denied", _("the recipient says that it is not with them")


class NoticeItem(models.Model):
    """One incident in one notice, which follows from a referral, or from an alert before any verdict.

    `interval` 0 is the first notice; higher ones are later steps of the chase; None is no step: an answer or an alert.
    `number`: in the letter's attachment, from when it is first sent; it never changes, so that replies can name it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="items")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="notice_items")
    referral = models.ForeignKey(Referral, models.PROTECT, null=True, blank=True, related_name="items", db_index=False)
    alert = models.ForeignKey(ChildAlert, models.PROTECT, null=True, blank=True, related_name="items", db_index=False)
    interval = models.PositiveIntegerField(_("interval"), null=True, blank=True, default=0)
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    # The sent letter that it corrects.
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", db_index=False
    )
    # The category under which the letter named the content; empty in a correction that withdraws it.
    category = models.CharField(
        _("category stated"), max_length=1, choices=Severity, blank=True, default="", db_default=""
    )
    # `Chase.trace` when it was added; an incident that has moved since is left out.
    trace = models.PositiveSmallIntegerField(_("trace number"))
    dropped = models.CharField(_("reason for leaving it out"), max_length=12, choices=DropReason, blank=True)
    key = models.ForeignKey(SealingKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # {"address": ..., "facts": {...}} as sent, under an `addresses` key; empty before sending and after erasure.
    sealed = models.BinaryField(default=b"", blank=True)

    class Meta:
        verbose_name = _("address in a notice")
        verbose_name_plural = _("addresses in notices")
        default_permissions = ()
        indexes = [
            models.Index(fields=["key", "id"], name="notice_item_readable", condition=~Q(sealed=b"")),
            models.Index(fields=["incident"], name="notice_item_unconfirmed", condition=Q(dropped="unconfirmed")),
            # Corrections among them, which the index of its steps leaves out.
            models.Index(fields=["referral"], name="notice_item_of_referral", condition=Q(dropped="")),
        ]
        constraints = [
            # Also holds for concurrent workers and clock changes.
            models.UniqueConstraint(
                fields=["referral", "interval"], condition=Q(dropped="", corrects=None), name="notice_item_once_a_step"
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(dropped="", corrects__isnull=False), name="notice_item_corrected_once"
            ),
            models.UniqueConstraint(fields=["notice", "incident"], name="notice_item_once_a_notice"),
            models.UniqueConstraint(
                fields=["notice", "number"], condition=Q(number__isnull=False), name="notice_item_number_once"
            ),
            models.CheckConstraint(condition=Q(dropped__in=["", *DropReason.values]), name="notice_item_drop_known"),
            models.CheckConstraint(
                condition=Q(referral__isnull=False, alert=None) | Q(referral=None, alert__isnull=False),
                name="notice_item_referral_or_alert",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def is_withdrawn(self) -> bool:
        """Whether an analyst has withdrawn the referral or alert that it follows from."""
        return bool((self.referral or self.alert).withdrawn_reason)  # type: ignore[union-attr] # one of them exists

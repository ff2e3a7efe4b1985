"""Letters: to whom, about which addresses, and what became of each."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from analysts.models.notice_template import NoticeTemplate, Purpose
from analysts.models.recipient import Recipient
from analysts.models.routing import Referral
from analysts.models.user import User
from reports.models import NoticeLink, SealingKey


class NoticeState(models.TextChoices):
    # Further addresses of the same recipient still join it.
    GATHERING = "gathering", _("gathers addresses")
    # A job is ordered that sends it, or a person has to.
    READY = "ready", _("ready to leave")
    SENT = "sent", _("sent")
    # What could not be sent: a person decides.
    DEAD = "dead", _("could not be sent")
    # Nothing of it was still to be sent when it should have left, or a person took it back.
    DROPPED = "dropped", _("not sent")


# What is in one of these may leave yet.
UNSENT = [NoticeState.GATHERING, NoticeState.READY, NoticeState.DEAD]


class DeadReason(models.TextChoices):
    """Why a notice could not be sent, as the mail server or our own last look says."""

    REFUSED = "refused", _("the mail server refuses the recipient or the letter")
    AWAY = "away", _("the mail server was away for too long")
    NO_MAIL = "no_mail", _("no mail server is set")
    NO_TEMPLATE = "no_template", _("no text for this recipient and language")
    NO_PLACEHOLDER = "no_placeholder", _("the text asks for something that is missing")
    NOT_VERIFIED = "not_verified", _("the recipient is not verified any more")
    UNREADABLE = "unreadable", _("an address cannot be opened")


# How long nobody else touches the notice of an attempt; a worker that was killed in the middle keeps it so long.
# Nothing ends an attempt by then: each of ten answers or so of the mail server may take MAIL_SECONDS, and more where it
# trickles. Beside one that lasts longer it may be sent again, under the same Message-ID.
PATIENCE = timedelta(minutes=10)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        """Those about at least one incident that the user may see."""
        theirs = NoticeItem.objects.filter(notice=OuterRef("pk"), incident__portals__overlap=user.portal_ids)
        return self.filter(Exists(theirs))

    def due(self, now: datetime) -> Self:
        """What a job has to send by now. What a person sends never is."""
        return self.filter(
            Q(state=NoticeState.GATHERING, leaves_at__lte=now) | Q(state=NoticeState.READY, next_try_at__lte=now)
        )

    def by_hand(self) -> Self:
        """What is ready for a person to send."""
        return self.filter(state=NoticeState.READY, next_try_at=None)


class Notice(models.Model):
    """One letter to one recipient about one or many addresses. Its row and the job that sends it commit together.

    Its reference is random: it tells neither how many there are nor in which order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="notices", db_index=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.FIRST)
    state = models.CharField(_("state"), max_length=10, choices=NoticeState, default=NoticeState.GATHERING)
    # The words it was sent with; chosen when it leaves.
    template = models.ForeignKey(
        NoticeTemplate, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # The same in every attempt, so that whoever gets it twice can tell.
    message_id = models.CharField(_("message id"), max_length=120, unique=True)
    link = models.OneToOneField(NoticeLink, models.PROTECT, related_name="notice")
    # None where the machine made it, as a chase.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(_("made at"))
    # When no further address joins it and it may leave, working hours of the recipient considered.
    leaves_at = models.DateTimeField(_("leaves at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The latest attempt, and the next one: none of what a person has to send.
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True)
    next_try_at = models.DateTimeField(_("next try at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    # Who sent it, where a person did.
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    dead_reason = models.CharField(_("why it could not be sent"), max_length=16, choices=DeadReason, blank=True)
    # The code of the mail server's answer, such as 550; never its words, which may quote the letter.
    dead_code = models.PositiveSmallIntegerField(_("code of the mail server"), null=True, blank=True)

    objects: ClassVar[models.Manager["Notice"]] = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ()
        ordering = ["made_at"]
        indexes = [
            models.Index(fields=["recipient", "-sent_at"], name="notice_of_recipient"),
            models.Index(
                fields=["leaves_at", "id"],
                name="notice_to_leave",
                condition=Q(state__in=[NoticeState.GATHERING, NoticeState.READY]),
            ),
            models.Index(
                fields=["next_try_at", "id"],
                name="notice_to_try",
                condition=Q(state=NoticeState.READY, next_try_at__isnull=False),
            ),
            models.Index(
                fields=["leaves_at", "id"],
                name="notice_by_hand",
                condition=Q(state=NoticeState.READY, next_try_at=None),
            ),
            models.Index(fields=["tried_at", "id"], name="notice_dead", condition=Q(state=NoticeState.DEAD)),
            models.Index(fields=["-sent_at", "id"], name="notice_sent", condition=Q(state=NoticeState.SENT)),
        ]
        constraints = [
            # Two people who add to it at once find the same one.
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
                condition=Q(state=NoticeState.DEAD, dead_reason__in=DeadReason.values)
                | (~Q(state=NoticeState.DEAD) & Q(dead_reason="", dead_code__isnull=True)),
                name="notice_dead_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_by_hand(self) -> bool:
        """A person has to send it."""
        return self.state == NoticeState.READY and self.next_try_at is None

    def is_leaving(self, now: datetime) -> bool:
        """A worker is just sending it, or was killed while it did."""
        if self.state != NoticeState.READY or self.tried_at is None or self.next_try_at is None:
            return False
        return self.next_try_at == self.tried_at + PATIENCE and now < self.next_try_at


class DropReason(models.TextChoices):
    """Why an address was taken out of a notice before it left."""

    MOVED = "moved", _("it is hosted elsewhere now")
    GONE = "gone", _("it is gone")
    ENDED = "ended", _("the work on the incident ended")
    HELD = "held", _("the police have not cleared it")
    UNCONFIRMED = "unconfirmed", _("nobody has confirmed what may leave of its address")
    TAKEN_BACK = "taken_back", _("taken back")


class NoticeItem(models.Model):
    """One incident in one notice. `interval` 0 is the first notice, each later one a step of the chase; each once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="items")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="notice_items")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="items", db_index=False)
    interval = models.PositiveIntegerField(_("interval"), default=0)
    # Of `Chase.trace` when it was added: what moved since is left out.
    trace = models.PositiveSmallIntegerField(_("number of the trace"))
    dropped = models.CharField(_("left out because"), max_length=12, choices=DropReason, blank=True)
    key = models.ForeignKey(SealingKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # {"address": ...} as it was sent, under an `addresses` key; empty before, and once it is erased.
    sealed = models.BinaryField(default=b"", blank=True)

    class Meta:
        verbose_name = _("address in a notice")
        verbose_name_plural = _("addresses in notices")
        default_permissions = ()
        indexes = [
            models.Index(fields=["key", "id"], name="notice_item_readable", condition=~Q(sealed=b"")),
            models.Index(fields=["incident"], name="notice_item_unconfirmed", condition=Q(dropped="unconfirmed")),
        ]
        constraints = [
            # Whatever a clock or a second worker does.
            models.UniqueConstraint(
                fields=["referral", "interval"], condition=Q(dropped=""), name="notice_item_once_a_step"
            ),
            models.UniqueConstraint(fields=["notice", "incident"], name="notice_item_once_a_notice"),
            models.CheckConstraint(condition=Q(dropped__in=["", *DropReason.values]), name="notice_item_drop_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

"""Replies from recipients to notices."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from analysts.models.notice import Notice, NoticeItem, NoticeState
from analysts.models.routing import Referral
from analysts.models.staff.user import User
from reports.models import NoticeAnswer, WholeMinute
from reports.notices import (
    LONGEST_CASE_NUMBER,
    AnswerKind,
    DecisionGround,
    RecipientAction,
    RecipientDecision,
    goes_with,
)


def fits_its_kind() -> Q:
    """The action fits the kind of reply (`AnswerKind.row`). Another constraint is about unknown kinds."""
    condition = ~Q(kind__in=AnswerKind.values)
    for kind in AnswerKind:
        actions = [action.value for action in RecipientAction if goes_with(kind, action)]
        condition |= Q(kind=kind, action__in=[*actions, *([""] if goes_with(kind, None) else [])])
    return condition


class Confirmation(models.TextChoices):
    """How it is known whether an answer is the recipient's."""

    INBOX = "inbox", _("sent from their own account")
    CALL = "call", _("confirmed when called back")
    DENIED = "denied", _("not from them, they say when called back")


# Replies of earlier releases have the hour only.
LONGEST_ROUNDING = timedelta(hours=1)
# Answers that count.
VALID = (Confirmation.INBOX, Confirmation.CALL)
TO_CALL = [kind for kind in AnswerKind if kind.row.needs_call]


def is_answered(items: str) -> Q:
    """Whether the reply is about the item at the end of the relation `items`, within one call of `filter`."""
    is_named = Q(numbers=[]) | Q(numbers__contains=[F(f"{items}__number")])
    return is_named & Q(**{f"{items}__dropped": ""})


# The numbers of the reply outside of a query about items.
ANSWERED = ExpressionWrapper(OuterRef("numbers"), output_field=ArrayField(models.PositiveSmallIntegerField()))


class ReplyQuerySet(models.QuerySet["Reply"]):
    def about(self, incident: Incident | UUID | OuterRef) -> Self:
        """Replies that are about the incident, at most one row each: a notice names an incident once."""
        items = NoticeItem.objects.filter(notice=OuterRef("notice"), dropped="").alias(answered=ANSWERED)
        # Not by way of the notice: planning a join reads both ends of its indexes.
        items = items.filter(Q(answered=[]) | Q(answered__contains=[F("number")]))
        return self.filter(
            Exists(items.filter(incident=OuterRef(incident) if isinstance(incident, OuterRef) else incident))
        )

    def unanswered(self) -> Self:
        """Replies of recipients who need more information, and to whom no letter back has been opened."""
        letters = Notice.objects.filter(answers=OuterRef("pk")).exclude(state=NoticeState.DROPPED)
        return self.filter(~Exists(letters), kind=AnswerKind.NEED_MORE)

    def to_call(self) -> Self:
        """Replies that wait for a call back: claims of the police, and requests to be called."""
        return self.filter(kind__in=TO_CALL, confirmation="")

    def readable_by(self, user: User) -> Self:
        """Replies to notices whose incidents are all visible to the user, because a reply may refer to any of them."""
        unseen = NoticeItem.objects.filter(notice=OuterRef("notice"), dropped="")
        return self.exclude(Exists(unseen.exclude(incident__portals__overlap=user.portal_array)))


def of_notice(field: str) -> Subquery:
    """The field of the notice of a reply; not by a join, because planning one reads both ends of its indexes."""
    return Subquery(Notice.objects.filter(pk=OuterRef("notice")).values(field))


class Reply(models.Model):
    """A recipient's reply to a notice, for staff. Its text stays in the sealed `NoticeAnswer`.

    `action` and what belongs to it: what the recipient says that it did about the addresses; empty or None if it did
    not say.
    """

    answer = models.OneToOneField(NoticeAnswer, models.PROTECT, primary_key=True, related_name="reply")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="replies")
    kind = models.CharField(_("kind"), max_length=12, choices=AnswerKind)
    # The numbers of the addresses that it is about, as `NoticeItem.number`; empty: all of the notice.
    numbers = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("numbers"), default=list, db_default=[])
    # To the minute. The column has the name of the hour that it held, which an earlier release reads.
    received_at = models.DateTimeField(_("received at"), db_column="received_hour")
    action = models.CharField(_("what was done"), max_length=12, choices=RecipientAction, blank=True)
    ground = models.CharField(_("ground"), max_length=8, choices=DecisionGround, blank=True)
    is_automated = models.BooleanField(_("decided by a machine alone"), null=True, blank=True)
    redress_told = models.BooleanField(_("user informed of redress"), null=True, blank=True)
    # The recipient's own, as it wrote it.
    case_number = models.CharField(
        _("case number"), max_length=LONGEST_CASE_NUMBER, blank=True, default="", db_default=""
    )
    # For an answer of the police: "" while it is a claim.
    confirmation = models.CharField(
        _("confirmation"), max_length=8, choices=Confirmation, blank=True, default="", db_default=""
    )
    # The officer, or who called back.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    # None if it came through the link of the notice.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        default_permissions = ()
        ordering = ["received_at"]
        indexes = [
            models.Index(fields=["received_at"], name="reply_unread", condition=Q(read_at=None)),
            models.Index(fields=["received_at"], name="reply_received"),
            models.Index(fields=["case_number"], name="reply_case_number", condition=~Q(case_number="")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AnswerKind.values), name="reply_kind_known"),
            models.CheckConstraint(condition=WholeMinute("received_at"), name="reply_whole_minute"),
            models.CheckConstraint(condition=fits_its_kind(), name="reply_action_fits_kind"),
            models.CheckConstraint(condition=Q(ground__in=["", *DecisionGround.values]), name="reply_ground_known"),
            models.CheckConstraint(
                condition=~Q(action="") | Q(ground="", is_automated=None, redress_told=None),
                name="reply_details_of_an_action",
            ),
            models.CheckConstraint(
                condition=Q(confirmation="", confirmed_by=None, confirmed_at=None)
                | Q(confirmation__in=Confirmation.values, confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="reply_confirmed_by_person",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    def items(self) -> models.QuerySet[NoticeItem]:
        """The addresses of the notice that it is about."""
        items = NoticeItem.objects.filter(notice=self.notice_id, dropped="")
        return items.filter(number__in=self.numbers) if self.numbers else items

    @property
    def is_to_call(self) -> bool:
        """As `to_call`."""
        return self.kind in TO_CALL and not self.confirmation

    @property
    def decision(self) -> RecipientDecision:
        if not self.action:
            return RecipientDecision()
        ground = DecisionGround(self.ground) if self.ground else None
        return RecipientDecision(RecipientAction(self.action), ground, self.is_automated, self.redress_told)


def with_latest_replies(notified: QuerySet[Referral]) -> QuerySet[Any]:
    """Annotate referrals with a notice with its recipient's latest reply since, and latest action: `replied_at`,
    `acted_at`, `last_action`.
    """
    since = ExpressionWrapper(OuterRef("noticed_at") - LONGEST_ROUNDING, DateTimeField())
    replies = Reply.objects.about(OuterRef("incident")).alias(recipient=of_notice("recipient"))
    replies = replies.filter(recipient=OuterRef("to"), received_at__gt=since).order_by("-received_at", "-pk")
    actions = replies.exclude(action="")
    return notified.annotate(
        replied_at=Subquery(replies.values("received_at")[:1]),
        acted_at=Subquery(actions.values("received_at")[:1]),
        last_action=Subquery(actions.values("action")[:1]),
    )

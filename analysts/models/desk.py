"""Internal notes, drafts, questions to reporters, skips and systemic cases."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import ReviewStage, Role
from analysts.codes.systemic_cases import SystemicAnswer, SystemicReason
from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from analysts.models.report import Report
from analysts.models.staff.user import User
from countries.decided_settings import number_in_force
from countries.models import Portal
from reports.models import Message, SealingKey

# The reason of a systemic case: a sentence, not a report.
LONGEST_SENTENCE = 200


class NoteQuerySet(models.QuerySet["Note"]):
    def of(self, incident: Incident, *, shown_to: User, merged: Sequence[Incident] = ()) -> Self:
        """Notes of the incident and of those merged into it, oldest first.

        Notes by the first reviewer are left out until both reviews are done: they could reveal the verdict. Those by
        reviewers who disagree are marked `is_unnamed` until a senior analyst has decided.
        """
        notes = self.filter(incident__in=[incident, *merged]).order_by("at")
        reviews = Assessment.objects.in_force().filter(incident=incident.pk, round=incident.round)
        reviewers = reviews.exclude(by=shown_to.pk).values("by")
        if hides_first_notes(incident):
            return notes.exclude(by__in=reviewers)
        if is_disputed(incident):
            return notes.annotate(is_unnamed=Q(by__in=reviewers))
        return notes


def hides_first_notes(incident: Incident) -> bool:
    """Whether it waits for a second review, which notes by the first reviewer could influence."""
    return incident.stage == ReviewStage.SECOND and incident.is_open_to_review


def is_disputed(incident: Incident) -> bool:
    """Whether a senior analyst has to decide between two reviews, whose authors stay unnamed until then."""
    return incident.stage == ReviewStage.SENIOR and incident.is_open_to_review


class Note(models.Model):
    """An internal note, sealed like an address and kept as long."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="notes", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    # The number of the claim that was handed over with it, if any.
    claim = models.PositiveIntegerField(_("claim number"), null=True, blank=True)
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # {"text": ...} under an `addresses` key; empty once it is erased.
    sealed = models.BinaryField(default=b"")

    # Whether its author would tell whose verdict it speaks of (`NoteQuerySet.of`).
    is_unnamed: bool = False

    objects: ClassVar[models.Manager["Note"]] = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        default_permissions = ()
        ordering = ["at"]
        indexes = [
            models.Index(fields=["incident", "at"], name="note_of_incident"),
            models.Index(fields=["key", "id"], name="note_readable", condition=~Q(sealed=b"")),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Draft(models.Model):
    """Unsaved input of a user about an incident, so that it survives the loss of a session. One per form."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="drafts", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # Which form: "assess", "note", or "ask_" and the report's id.
    act = models.CharField(_("act"), max_length=48)
    at = models.DateTimeField(_("at"))
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # The form's fields under a `words` key; empty once it is erased.
    sealed = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        default_permissions = ()
        indexes = [
            models.Index(fields=["key", "id"], name="draft_readable", condition=~Q(sealed=b"")),
            models.Index(fields=["at"], name="draft_oldest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "by", "act"], name="draft_once_an_act"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class QuestionQuerySet(models.QuerySet["Question"]):
    def unread_by(self, user: User) -> Self:
        """Questions with an unread answer for `user`: their own, about portals that they work for.

        If the author has left or no longer works for the portal, its senior analysts get the answer.
        """
        unread = self.filter(answered=True, read=False, report__portal__in=user.portal_ids)
        if user.role != Role.SENIOR:
            return unread.filter(by=user)
        portal = Portal.objects.filter(pk=OuterRef(OuterRef("report__portal"))).values("pk")
        current_analysts = User.objects.analysts_of(portal).filter(pk=OuterRef("by"))
        return unread.filter(Q(by=user) | ~Exists(current_analysts))

    def unread_about(self, incident: Incident, user: User) -> Self:
        return self.unread_by(user).filter(report__sightings__incident=incident)


class Question(models.Model):
    """Who asked a question to the holder of a receipt, so that the answer reaches them."""

    message = models.OneToOneField(Message, models.PROTECT, primary_key=True, related_name="+")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="questions")
    report = models.ForeignKey(Report, models.PROTECT, related_name="questions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # Set by intake. No time is stored, because it would be a time of the reporter's activity.
    answered = models.BooleanField(_("answered"), default=False)
    # Whether the answer has been read.
    read = models.BooleanField(_("read"), default=False)

    objects: ClassVar[models.Manager["Question"]] = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        default_permissions = ()
        indexes = [
            # In the order of the list: PostgreSQL overestimates unread answers and would otherwise scan all questions.
            models.Index(fields=["message"], name="question_unread_answer", condition=Q(answered=True, read=False)),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Skip(models.Model):
    """An incident that a user skipped, so that the queue does not offer it to them again on the same day.

    No reason is stored, and no page shows who skipped what.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("skip")
        verbose_name_plural = _("skips")
        default_permissions = ()
        indexes = [
            models.Index(fields=["incident", "by", "-at"], name="skip_of_incident"),
            models.Index(fields=["at"], name="skip_oldest"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


def answer_time() -> timedelta:
    """The time within which a case is to be answered."""
    return timedelta(days=number_in_force("SYSTEMIC_CASE_DAYS"))


class SystemicCaseQuerySet(models.QuerySet["SystemicCase"]):
    def waiting(self) -> Self:
        """Cases without an answer, the oldest first."""
        return self.filter(answer="").order_by("sent_at", "pk")

    def overdue(self, now: datetime) -> Self:
        return self.waiting().filter(sent_at__lte=now - answer_time())

    def due_times(self) -> "models.QuerySet[SystemicCase, Any]":
        """The times from which they are overdue."""
        return self.values(due_at=models.ExpressionWrapper(F("sent_at") + answer_time(), models.DateTimeField()))

    def open_to(self, user: User) -> Self:
        """Cases of the user's portals, which a senior analyst answers; none for others."""
        if user.role != Role.SENIOR:
            return self.none()
        return self.filter(incident__portals__overlap=user.portal_array)


class SystemicCase(models.Model):
    """An incident on which the hotline should have acted and could not, sent to the senior analysts, and their answer.

    The sentences are typed text without addresses.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="systemic_cases")
    reason = models.CharField(_("reason"), max_length=12, choices=SystemicReason)
    note = models.CharField(_("sentence"), max_length=LONGEST_SENTENCE, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField(_("sent at"))
    answer = models.CharField(_("answer"), max_length=12, choices=SystemicAnswer, blank=True)
    answer_note = models.CharField(_("sentence of the answer"), max_length=LONGEST_SENTENCE, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects: ClassVar[models.Manager["SystemicCase"]] = SystemicCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("systemic case")
        verbose_name_plural = _("systemic cases")
        default_permissions = ()
        indexes = [
            models.Index(fields=["sent_at", "id"], name="systemic_case_waiting", condition=Q(answer="")),
            models.Index(fields=["sent_by", "-sent_at"], name="systemic_case_of_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=SystemicReason.values), name="systemic_case_reason_known"),
            models.CheckConstraint(
                condition=Q(answer="", answer_note="", answered_by=None, answered_at=None)
                | Q(answer__in=SystemicAnswer.values, answered_by__isnull=False, answered_at__isnull=False),
                name="systemic_case_answered_in_full",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def answer_due_at(self) -> datetime:
        return self.sent_at + answer_time()

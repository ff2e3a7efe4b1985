"""A change of a portal that the public sees: asked for by one person, without effect until another confirms it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.portal import Portal


class ChangeKind(models.TextChoices):
    WORDS = "words", _("words, contacts or look")
    STATE = "state", _("state")


class ChangeState(models.TextChoices):
    OPEN = "open", _("waits for a second person")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")


class ChangeQuerySet(models.QuerySet["Change"]):
    def waiting(self) -> "ChangeQuerySet":
        return self.filter(state=ChangeState.OPEN)


class Change(models.Model):
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="changes", verbose_name=_("portal"))
    kind = models.CharField(_("kind"), max_length=5, choices=ChangeKind)
    # Of `kind` state: a verb of `lifecycle.TRANSITIONS`, and the date where it takes one.
    verb = models.CharField(_("verb"), max_length=12, blank=True)
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    # Of `kind` words: the whole portal as it is to be, as `document.document_of` gives it.
    document = models.JSONField(_("document"), null=True, blank=True)
    # Digest of the portal as it was: a change of anything else is not overwritten unseen.
    base = models.CharField(_("digest of the portal before"), max_length=64)
    reason = models.TextField(_("reason"))
    # User names: this app knows no accounts. They are never given to anybody else.
    asked_by = models.CharField(_("asked by"), max_length=150)
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=9, choices=ChangeState, default=ChangeState.OPEN)
    decided_by = models.CharField(_("decided by"), max_length=150, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects: ClassVar[ChangeQuerySet] = ChangeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        default_permissions = ()
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["portal"], condition=models.Q(state=ChangeState.OPEN), name="change_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ChangeKind.WORDS, verb="", document__isnull=False)
                | (models.Q(kind=ChangeKind.STATE, document__isnull=True) & ~models.Q(verb="")),
                name="change_says_what",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ChangeState.OPEN, decided_by="", decided_at=None)
                | (
                    models.Q(state__in=[ChangeState.CONFIRMED, ChangeState.REFUSED], decided_at__isnull=False)
                    & ~models.Q(decided_by="")
                ),
                name="change_decided_by_somebody",
            ),
            # Whatever the code does: two people.
            models.CheckConstraint(
                condition=~models.Q(state=ChangeState.CONFIRMED) | ~models.Q(decided_by=models.F("asked_by")),
                name="change_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.portal}: {self.get_kind_display()}"

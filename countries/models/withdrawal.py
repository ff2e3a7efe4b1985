"""Something public that was found wrong: what is off now, which the public surface reads, and who decided it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.portal import Portal


class ItemKind(models.TextChoices):
    """The kinds of things that one operator can withdraw from the public."""

    CONTACT = "contact", _("contact")
    TEXT = "text", _("text")
    PICTURE = "picture", _("picture")
    PARTNER = "partner", _("partner")
    SERVICE = "service", _("help service")


class WithdrawnItem(models.Model):
    """One thing that no public page shows, as long as it says what it said when it was withdrawn.

    It names no account and no reason: the public surface reads it.
    """

    kind = models.CharField(_("kind"), max_length=7, choices=ItemKind)
    # The row's id; of a text with its part, of a picture its digest (`countries.public.withdrawn`).
    key = models.CharField(_("key"), max_length=64)
    # SHA-256 of what it said. A later value has been approved by two operators, and is shown.
    digest = models.CharField(_("digest"), max_length=64)
    # The id of the contact that is shown in its place; of contacts only.
    stand_in = models.BigIntegerField(_("stand-in"), null=True, blank=True)

    class Meta:
        verbose_name = _("withdrawn item")
        verbose_name_plural = _("withdrawn items")
        default_permissions = ()
        ordering = ["kind", "key"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="withdrawn_item_once"),
            models.CheckConstraint(condition=models.Q(kind__in=ItemKind.values), name="withdrawn_item_kind_known"),
            models.CheckConstraint(
                condition=models.Q(stand_in=None) | models.Q(kind=ItemKind.CONTACT),
                name="withdrawn_item_stand_in_of_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


if settings.STAFF:
    # Not loaded on the public surface, which has no accounts to refer to.

    class WithdrawalOutcome(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        LIFTED = "lifted", _("lifted")
        # Two operators approved another value meanwhile, or removed the row.
        REPLACED = "replaced", _("replaced")

    class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
        def waiting(self) -> "WithdrawalQuerySet":
            """Withdrawals that no second operator has confirmed or lifted."""
            return self.filter(outcome="")

    class Withdrawal(models.Model):
        """One withdrawal by one operator. The reasons are for staff only; no public page shows them."""

        portal = models.ForeignKey(Portal, models.PROTECT, related_name="withdrawals", verbose_name=_("portal"))
        kind = models.CharField(_("kind"), max_length=7, choices=ItemKind)
        key = models.CharField(_("key"), max_length=64)
        digest = models.CharField(_("digest"), max_length=64)
        # How the item was called at that time.
        name = models.CharField(_("name"), max_length=300)
        stand_in = models.BigIntegerField(_("stand-in"), null=True, blank=True)
        # False for the last number of a page: a second operator must agree before it goes.
        is_at_once = models.BooleanField(_("withdrawn at once"))
        reason = models.TextField(_("reason"))
        withdrawn_by = models.ForeignKey(
            settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("withdrawn by")
        )
        withdrawn_at = models.DateTimeField(_("withdrawn at"))
        # When the latest alarm about it was raised; None before the first one.
        alarmed_at = models.DateTimeField(_("alarmed at"), null=True, blank=True)
        outcome = models.CharField(_("outcome"), max_length=9, choices=WithdrawalOutcome, blank=True)
        decided_by = models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            null=True,
            blank=True,
            related_name="+",
            verbose_name=_("decided by"),
        )
        decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

        objects: ClassVar[models.Manager["Withdrawal"]] = WithdrawalQuerySet.as_manager()

        class Meta:
            verbose_name = _("withdrawal")
            verbose_name_plural = _("withdrawals")
            default_permissions = ()
            ordering = ["withdrawn_at", "pk"]
            constraints = [
                models.UniqueConstraint(
                    fields=["kind", "key"], condition=models.Q(outcome=""), name="withdrawal_one_waiting"
                ),
                models.CheckConstraint(
                    condition=models.Q(outcome="", decided_by=None, decided_at=None)
                    | models.Q(outcome=WithdrawalOutcome.REPLACED, decided_by=None, decided_at__isnull=False)
                    | models.Q(
                        outcome__in=[WithdrawalOutcome.CONFIRMED, WithdrawalOutcome.LIFTED],
                        decided_by__isnull=False,
                        decided_at__isnull=False,
                    ),
                    name="withdrawal_decided_with_name_and_time",
                ),
                # Two people, enforced for all code.
                models.CheckConstraint(
                    condition=~models.Q(decided_by=models.F("withdrawn_by")), name="withdrawal_decided_by_another"
                ),
            ]

        def __str__(self) -> str:
            return self.name

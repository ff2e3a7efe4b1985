"""A month's keys, under which what reporters typed and addresses are sealed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeyClass(models.TextChoices):
    WORDS = "words", _("what reporters typed")
    ADDRESSES = "addresses", _("addresses kept until they are gone")


class KeyState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed: opens what is there, takes nothing new")
    DESTROYED = "destroyed", _("destroyed")


class SealingKeyQuerySet(models.QuerySet["SealingKey"]):
    def locked(self) -> "SealingKeyQuerySet":
        """Lock the rows until the transaction ends, but not their ids: a public transaction that refers to a key, and
        stays open, must not hold up staff."""
        return self.select_for_update(no_key=True)


class SealingKey(models.Model):
    """One month's key of one class. The halves themselves are files in the keyring, named after `id`.

    The database refuses an envelope under a key that is not open, and any way back from destroyed (triggers in the
    migrations).
    """

    id = models.CharField(primary_key=True, max_length=40)
    key_class = models.CharField(_("class"), max_length=10, choices=KeyClass)
    month = models.DateField(_("month"))
    state = models.CharField(_("state"), max_length=10, choices=KeyState, default=KeyState.OPEN)
    # Since when it seals nothing that must still be read; it is destroyed once a backup was made after that.
    emptied_on = models.DateField(_("emptied on"), null=True, blank=True)
    destroyed_on = models.DateField(_("destroyed on"), null=True, blank=True)
    # How many were sealed again under a later key, by reason; counted here so that a run cut short loses no count.
    resealed = models.JSONField(_("resealed"), default=dict, blank=True)

    objects = SealingKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("sealing key")
        verbose_name_plural = _("sealing keys")
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="sealing_key_first_of_month"),
            models.CheckConstraint(condition=models.Q(state__in=KeyState.values), name="sealing_key_state_known"),
            models.CheckConstraint(condition=models.Q(key_class__in=KeyClass.values), name="sealing_key_class_known"),
            models.CheckConstraint(
                condition=models.Q(state=KeyState.DESTROYED, destroyed_on__isnull=False)
                | (~models.Q(state=KeyState.DESTROYED) & models.Q(destroyed_on__isnull=True)),
                name="sealing_key_destroyed_has_date",
            ),
        ]

    def __str__(self) -> str:
        return self.id

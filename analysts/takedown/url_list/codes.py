"""Why something is not on the list. Codes, so that no word of it can hold content."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Waits(TextChoices):
    """For what an address waits that is wanted on the list."""

    CLEARANCE = "clearance", _("waits for the police to grant clearance")
    CONFIRMATION = "confirmation", _("waits for somebody to confirm what of the address may leave")
    ADDRESS = "address", _("there is no address that can be opened")


class OffReason(TextChoices):
    """Why a person took an entry off before the content was gone."""

    NOT_THERE = "not_there", _("not to be found at this address any more")
    TOO_WIDE = "too_wide", _("blocks more than what is illegal")
    WRONG = "wrong", _("listed by mistake")
    AUTHORITY = "authority", _("an authority asks for it")
    MEMBER = "member", _("a member’s objection was right")

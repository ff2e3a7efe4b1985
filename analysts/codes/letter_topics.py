"""Codes of what analysts write: answers to a recipient who needs more information, and reasons to withdraw a letter.

The texts of the answers ship with the letters.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BackTopic(TextChoices):
    WHERE = "where", _("where all addresses are, and how to read them")
    NO_COPIES = "no_copies", _("that we send no pictures or copies")
    ASSESSED = "assessed", _("who assessed it, and how")
    WRITE = "write", _("that they ask us by mail")


class WithdrawReason(TextChoices):
    """Why a referral or an alert is withdrawn. Coded, so that it cannot hold reported content."""

    RECIPIENT = "recipient", _("it went, or was to go, to the wrong recipient")
    FACTS = "facts", _("what it says is wrong")
    MISTAKE = "mistake", _("it was made by mistake")

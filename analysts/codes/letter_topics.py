"""The answers that analysts can send to a recipient who needs more information. Their texts ship with the letters."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class BackTopic(TextChoices):
    WHERE = "where", _("where all addresses are, and how to read them")
    NO_COPIES = "no_copies", _("that we send no pictures or copies")
    ASSESSED = "assessed", _("who assessed it, and how")
    WRITE = "write", _("that they ask us by mail")

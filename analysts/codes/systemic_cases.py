"""Systemic cases: why the hotline should have acted and could not, and what senior analysts answer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SystemicReason(TextChoices):
    """Why nothing could be done. Coded, so that cases of one kind are seen together."""

    LAW = "law", _("the law of the country does not cover it")
    REMIT = "remit", _("it is outside our remit, but harmful")
    NO_RECIPIENT = "no_recipient", _("there was no recipient to notify")
    NO_REMOVAL = "no_removal", _("those notified do not act")
    ACCESS = "access", _("the content could not be reached (login, closed group)")
    REPORT = "report", _("the report said too little")
    TIME = "time", _("it was assessed or passed on too late")
    TOOLS = "tools", _("our rules or this product did not allow it")


class SystemicAnswer(TextChoices):
    """How senior analysts answer a systemic case."""

    CHANGED = "changed", _("we change how we work")
    RAISED = "raised", _("raised with the police, a partner or a provider")
    POSSIBLE = "possible", _("action is possible: take the case up again")
    NOTHING = "nothing", _("nothing can be done at present")

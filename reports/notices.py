"""The replies that a recipient of a notice can choose from."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AnswerKind(TextChoices):
    ACKNOWLEDGED = "acknowledged", _("We have received it and will look into it.")
    REMOVED = "removed", _("We have removed it.")
    NOT_OURS = "not_ours", _("It is not hosted with us.")
    NEED_MORE = "need_more", _("We need more from you.")
    CONTESTED = "contested", _("We contest it.")

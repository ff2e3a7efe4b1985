"""Permissions for notice texts, which contain no report data."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role

TEXT_READERS, check_can_read_texts = restrict_to(
    CONTENT_ROLES | {Role.OPERATOR}, _("Only analysts and operators can see notice texts.")
)
TEXT_WRITERS, check_can_write_texts = restrict_to({Role.OPERATOR}, _("Only operators can change notice texts."))

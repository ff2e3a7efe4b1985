"""Permissions for sources and their keys."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role

SOURCE_KEEPERS, check_keeps_sources = restrict_to({Role.OPERATOR}, _("Only operators can give partners’ systems keys."))
# A stolen key is closed by the first of them who learns of it.
SOURCE_READERS, check_sees_sources = restrict_to(
    {Role.OPERATOR, Role.SENIOR}, _("Only operators and senior analysts can see partners’ systems.")
)
# Who sees how much of what a source reports is illegal.
SHARE_READERS, check_sees_shares = restrict_to({Role.SENIOR}, _("Only senior analysts can see this share."))

"""Who may change the law that letters cite, and the legal entities that send them. Neither has report data."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role

LAW_WRITERS, check_can_write_law = restrict_to({Role.OPERATOR}, _("Only operators can change legal texts and senders."))

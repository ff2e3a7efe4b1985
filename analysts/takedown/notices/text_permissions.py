"""Permissions for notice texts, which contain no report data."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.models import User
from audit.permissions import Denied


def check_can_read_texts(user: User) -> None:
    if not user.is_active or user.role not in CONTENT_ROLES | {Role.OPERATOR}:
        raise Denied(_("Only analysts and operators can see notice texts."))


def check_can_write_texts(user: User) -> None:
    if not user.is_active or user.role != Role.OPERATOR:
        raise Denied(_("Only operators can change notice texts."))


TEXT_READERS = Who(CONTENT_ROLES | {Role.OPERATOR}, check_can_read_texts)
TEXT_WRITERS = Who(frozenset({Role.OPERATOR}), check_can_write_texts)

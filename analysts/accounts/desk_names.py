"""The name that a person chooses for the pages that colleagues see (`User.desk_name`)."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from analysts.models import User

SHORTEST = 2
# Beside letters and their marks. No digit: no chosen name is like one that the product gives (`User.desk_code`).
SIGNS = frozenset(" .'’-")


def clean_desk_name(user: User, text: str) -> str:
    """The name as it is stored; "" for none. Raises ValidationError, also if another account has it."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name:
        return ""
    if len(name) < SHORTEST or not all(sign in SIGNS or unicodedata.category(sign)[0] in "LM" for sign in name):
        raise ValidationError(_("Two letters or more, without digits and signs: no e-mail address."))
    if User.objects.filter(desk_name__iexact=name).exclude(pk=user.pk).exists():
        raise ValidationError(_("A colleague has or had this name."))
    return name

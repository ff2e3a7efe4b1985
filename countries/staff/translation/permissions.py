"""Permission checks about interface texts. Action and button use the same check; its reason is the tooltip."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from audit.permissions import Denied, HasPermissions, Late
from countries.models import InterfaceTranslation, LanguageRole
from countries.models.text import WORDS_OF_CRISIS
from countries.staff.requests.approvals import StaffMember, check_is_second_person
from countries.words.personal_words import has_own_words


def check_can_see_words(user: HasPermissions) -> None:
    if not user.has_perm("words.view"):
        raise Denied(_("Only translators and operators may view interface texts."))


def check_is_translator(user: HasPermissions) -> None:
    if not user.has_perm("words.write"):
        raise Denied(_("Only translators may write interface texts."))


def check_can_translate(user: StaffMember, language: str) -> None:
    """Check that the account may write texts in the language. One query. Raises Denied."""
    check_is_translator(user)
    if not LanguageRole.objects.filter(account_id=user.pk, language=language).exists():
        raise Denied(_("Your account has no right to this language. Two administrators can give it."))


def check_can_review(user: StaffMember, language: str) -> None:
    """Check that the account may approve texts in the language that others wrote. Raises Denied."""
    check_can_translate(user, language)
    if not LanguageRole.objects.filter(account_id=user.pk, language=language, is_reviewer=True).exists():
        raise Denied(_("Your account may translate this language, but not approve translations."))


def check_can_decide(user: StaffMember, translation: InterfaceTranslation) -> None:
    """Check that the user may decline the translation; its translator may, which withdraws it. Raises Denied, Late."""
    if user.pk == translation.translated_by_id:
        check_can_translate(user, translation.language)
    else:
        check_can_review(user, translation.language)
    if not translation.is_waiting:
        raise Late(_("This translation has already been decided, or a newer one was proposed."))


def check_can_approve_text(user: StaffMember, translation: InterfaceTranslation, now: datetime) -> None:
    check_can_review(user, translation.language)
    check_can_decide(user, translation)
    if translation.context != WORDS_OF_CRISIS:
        check_has_personal_words(translation.language)
    refusal = _("Another person must approve your translation.")
    check_is_second_person(user, translation.translated_by_id, translation.translated_at, refusal=refusal)


def check_has_personal_words(language: str) -> None:
    """Without them, no text that asks readers who they are would be found. Raises Denied."""
    if not has_own_words(language):
        raise Denied(
            _("First, operators list the words of the language that ask who a person is, and open it: “Languages”.")
        )

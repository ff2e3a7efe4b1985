"""Approval requests about the languages of a translator's account: two administrators give the right, as for roles."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.approvals import Effects, check_requester, name_of_account
from analysts.accounts.permissions import check_is_administrator
from analysts.codes import Role
from analysts.models import User
from audit.actions import JSON
from audit.log_ids import AccountId
from audit.permissions import Denied
from countries.languages import language_name
from countries.models import ApprovalRequest, LanguageRole
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval

# By language tag, whether the account reviews it too.
type LanguageRights = dict[str, bool]


def check_can_give_languages(by: StaffMember, user: User) -> None:
    check_is_administrator(by)
    if by.pk == user.pk:
        raise Denied(gettext_lazy("You cannot give yourself languages. Another administrator can."))
    if user.role != Role.TRANSLATOR or user.unconfirmed:
        raise Denied(gettext_lazy("Only an approved translator’s account can have languages."))


def language_rights(user: User) -> LanguageRights:
    """The languages of the account. One query."""
    return dict(LanguageRole.objects.filter(account=user).order_by("language").values_list("language", "is_reviewer"))


@transaction.atomic
def request_languages(
    *, by: User, user: User, rights: Mapping[str, bool], reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request that the account has exactly these languages. Raises Denied, also if that changes nothing."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    check_can_give_languages(by, user)
    before, after = language_rights(user), dict(sorted(rights.items()))
    if before == after:
        raise Denied(gettext_lazy("The account has these languages already."))
    payload: dict[str, JSON] = {"languages": after}
    return request_approval(
        ACCOUNT_LANGUAGES, by=by, about=user, payload=payload, before=before, reason=reason, now=now
    )


def _rights_now(request: ApprovalRequest) -> LanguageRights | None:
    """None of an account that is no translator's any more."""
    user = request.about_row(User)
    return language_rights(user) if user.role == Role.TRANSLATOR else None


def _give_languages(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    user = request.about_row(User)
    LanguageRole.objects.filter(account=user).delete()
    LanguageRole.objects.bulk_create(
        LanguageRole(account=user, language=tag, is_reviewer=is_reviewer)
        for tag, is_reviewer in request.payload["languages"].items()
    )
    return ""


def _list_effects(request: ApprovalRequest) -> Effects:
    before, after = language_rights(request.about_row(User)), request.payload["languages"]
    return [
        (_("Translates"), [language_name(tag) for tag, is_reviewer in after.items() if not is_reviewer]),
        (_("Translates and reviews"), [language_name(tag) for tag, is_reviewer in after.items() if is_reviewer]),
        (_("New"), [language_name(tag) for tag in after if tag not in before]),
        (_("Loses"), [language_name(tag) for tag in before if tag not in after]),
    ]


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    account, after = request.about_row(User), request.payload["languages"]
    return {
        "account": AccountId(account.pk),
        "languages": sorted(after),
        "reviews": sorted(tag for tag, is_reviewer in after.items() if is_reviewer),
    }


ACCOUNT_LANGUAGES = ApprovalKind(
    code="account_languages",
    check_may_decide=check_is_administrator,
    check_is_current=check_requester,
    contents=_rights_now,
    changed_message=gettext_lazy("The account has changed since the request. Decline it and make a new one."),
    apply=_give_languages,
    audit_details=_audit_details,
    title=lambda request: _("%(name)s: languages") % {"name": name_of_account(request)},
    template="analysts/accounts/_languages_approval.html",
    review=_list_effects,
    needs_recent_sign_in=True,
)

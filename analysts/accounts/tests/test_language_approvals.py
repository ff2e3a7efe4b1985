"""Languages of a translator's account: given by two administrators, taken with the role."""

import pytest

from analysts.accounts import language_approvals
from analysts.accounts.approvals import request_role
from analysts.accounts.language_approvals import ACCOUNT_LANGUAGES, request_languages
from analysts.codes import Role
from analysts.models import User
from analysts.pages.approvals import KIND_BY_CODE
from audit.permissions import Denied
from countries.models import LanguageRole
from countries.staff.requests.approvals import approve_request
from tests.acts.words import create_translator
from tests.rig.fixtures import client_of, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def adele() -> User:
    """Another administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


@pytest.fixture
def amina() -> User:
    return create_person("amina", Role.TRANSLATOR)


def held(user: User) -> dict[str, bool]:
    return language_approvals.language_rights(user)


def test_second_administrator_gives_exactly_the_languages_asked_for(adam: User, adele: User, amina: User) -> None:
    LanguageRole.objects.create(account=amina, language="fr")
    request = request_languages(by=adam, user=amina, rights={"ur": True, "ne": False}, reason="Speaks both.")
    assert held(amina) == {"fr": False}
    page = client_of(adele).get(f"/admin/approvals/{request.pk}/").content.decode()
    assert all(each in page for each in ("Translates and reviews", "اردو", "नेपाली", "Loses", "Français"))
    with pytest.raises(Denied, match="Another person"):
        approve_request(ACCOUNT_LANGUAGES, by=adam, request=request)
    approve_request(ACCOUNT_LANGUAGES, by=adele, request=request)
    assert held(amina) == {"ne": False, "ur": True}


def test_request_that_changes_nothing_or_is_about_another_role_is_refused(adam: User, amina: User, olga: User) -> None:
    with pytest.raises(Denied, match="already"):
        request_languages(by=adam, user=amina, rights={}, reason="x")
    with pytest.raises(Denied, match="Only an approved translator"):
        request_languages(by=adam, user=olga, rights={"ur": False}, reason="x")
    with pytest.raises(Denied, match="Only administrators"):
        request_languages(by=olga, user=amina, rights={"ur": False}, reason="x")


def test_request_is_refused_once_the_account_has_changed(adam: User, adele: User, amina: User) -> None:
    request = request_languages(by=adam, user=amina, rights={"ur": True}, reason="x")
    LanguageRole.objects.create(account=amina, language="fr")
    with pytest.raises(Denied, match="has changed"):
        approve_request(ACCOUNT_LANGUAGES, by=adele, request=request)


def test_role_given_again_begins_without_languages(adam: User, adele: User) -> None:
    amina = create_translator("amina", "ur", is_reviewer=True)
    User.objects.filter(pk=amina.pk).update(role=Role.AUDITOR)
    request, _half = request_role(by=adam, user=amina, role=Role.TRANSLATOR)
    approve_request(KIND_BY_CODE[request.kind], by=adele, request=request)
    assert held(amina) == {}


def test_page_keeps_what_was_typed_and_names_the_fault(adam: User, amina: User) -> None:
    client, path = client_of(adam), f"/admin/accounts/{amina.pk}/languages/"
    for sent, reason in (
        ({"translates": "Urdu!"}, "Language tags with a space"),
        ({"translates": "ur", "reviews": "ur"}, "Name each language once: ur."),
    ):
        answer = client.post(path, {"reason": "Speaks it.", **sent})
        assert (answer.status_code, reason in answer.content.decode()) == (422, True)
    answer = client.post(path, {"translates": "ur", "reviews": "ne", "reason": "Speaks both."})
    assert answer.status_code == 302
    assert held(amina) == {}

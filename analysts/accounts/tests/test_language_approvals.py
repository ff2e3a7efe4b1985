"""Languages of a translator's account: given by two administrators, taken with the role."""

import pytest

from analysts.accounts import language_approvals
from analysts.accounts.approvals import request_role
from analysts.accounts.language_approvals import ACCOUNT_LANGUAGES, request_languages
from analysts.codes import Role
from analysts.models import User
from analysts.pages.approvals import KIND_BY_CODE
from audit.permissions import Denied
from countries.models import LanguageRole, Portal
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


def test_translators_account_has_languages_instead_of_portals(adam: User, belize: Portal) -> None:
    amina, client = create_translator("amina", "ur"), client_of(adam)
    path = f"/admin/analysts/user/{amina.pk}/change/"
    page = client.get(path)
    fields = page.context["adminform"].form.fields
    assert (fields.keys() & {"portals", "all_portals"}, "اردو" in page.text) == (set(), True)
    assert f"/admin/accounts/{amina.pk}/languages/" in page.text
    typed = {"username": "amina", "name": "Amina B", "role": "translator", "is_active": "on", "portals": [belize.pk]}
    assert client.post(path, typed).status_code == 302
    amina.refresh_from_db()
    assert (amina.name, amina.portals.count(), held(amina)) == ("Amina B", 0, {"ur": False})
    page = client.post("/admin/analysts/user/add/", {**typed, "username": "bilal"})
    assert "has languages instead of portals" in page.text


def test_role_of_translator_takes_the_portals(adam: User, adele: User, belize: Portal) -> None:
    ben = create_person("ben-b", Role.ANALYST, belize)
    request, _half = request_role(by=adam, user=ben, role=Role.TRANSLATOR)
    approve_request(KIND_BY_CODE[request.kind], by=adele, request=request)
    ben.refresh_from_db()
    assert (ben.role, ben.portals.count()) == (Role.TRANSLATOR, 0)

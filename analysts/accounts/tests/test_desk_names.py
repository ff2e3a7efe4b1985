"""The name that colleagues see: chosen by the person, of one account only, no name to sign in with."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from analysts.accounts.desk_names import clean_desk_name
from analysts.codes import Role
from analysts.models import User
from tests.rig.fixtures import client_of, create_person

SETTINGS = "/admin/my-settings/"


def test_account_without_a_chosen_name_is_its_role_and_four_digits(ana: User) -> None:
    user = User.objects.create(username="real-name", name="Real Name", role=Role.SENIOR)
    label, _space, code = str(user).rpartition(" ")
    assert (label, len(code), code.isdecimal()) == ("senior analyst", 4, True)
    assert str(User.objects.get(pk=user.pk)) == str(user)


@pytest.mark.parametrize(
    "text", ["a", "ana@example.org", "Ana 4821", "Ana_B", "<b>Ana</b>", "Ana\u200bB", "https://a.b"]
)
def test_name_with_other_signs_is_refused(ana: User, text: str) -> None:
    with pytest.raises(ValidationError):
        clean_desk_name(ana, text)


@pytest.mark.parametrize(
    ("text", "name"), [(" Ana  Lu ", "Ana Lu"), ("O’Neil", "O’Neil"), ("अनीता", "अनीता"), ("", ""), ("Ａna", "Ana")]
)
def test_name_is_kept_in_one_spelling(ana: User, text: str, name: str) -> None:
    assert clean_desk_name(ana, text) == name


def test_name_of_a_colleague_is_refused_also_of_one_who_left(ana: User, ben: User) -> None:
    for is_active in (True, False):
        User.objects.filter(pk=ben.pk).update(is_active=is_active)
        with pytest.raises(ValidationError, match="A colleague has or had"):
            clean_desk_name(ana, "BEN")
    assert clean_desk_name(ben, "Ben") == "Ben"
    with pytest.raises(IntegrityError, match="user_desk_name_once"), transaction.atomic():
        User.objects.filter(pk=ana.pk).update(desk_name="BEN")


@pytest.mark.parametrize("role", list(Role))
def test_every_member_of_staff_chooses_a_name(role: Role, ben: User) -> None:
    user = create_person("someone", role)
    client = client_of(user)
    refused = client.post(SETTINGS, {"desk_name": "Ben", "weekly_note": "on"})
    assert refused.status_code == 422
    assert "A colleague has or had this name." in refused.text
    assert client.post(SETTINGS, {"desk_name": "Kim", "weekly_note": "on"}).status_code == 302
    user.refresh_from_db()
    assert str(user) == "Kim"
    assert client.post(SETTINGS, {"desk_name": "", "weekly_note": "on"}).status_code == 302
    user.refresh_from_db()
    assert str(user).endswith(user.desk_code)

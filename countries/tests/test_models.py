"""The models' own validation."""

import pytest
from django.core.exceptions import ValidationError

from countries.models import Contact, Partner


@pytest.mark.parametrize("model", [Contact, Partner])
def test_web_site_is_a_web_page(model: type[Contact | Partner]) -> None:
    field = model._meta.get_field("website")

    assert field.clean("https://partner.example.net/", None) == "https://partner.example.net/"
    with pytest.raises(ValidationError):
        field.clean("ftp://partner.example.net/", None)

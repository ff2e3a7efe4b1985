"""What people write about where an incident goes is kept in clear: it never names what was reported."""

from django.utils.translation import gettext_lazy as _

from analysts.models import Incident
from analysts.takedown.tracing.actions import name_tells_an_address, names_network_address
from audit.permissions import Denied
from reports.addresses import find_addresses


def check_names_no_address(text: str) -> None:
    if find_addresses(text) or names_network_address(text):
        raise Denied(_("This names an address. Write it without any."))


def check_addressee(name: str, incident: Incident) -> None:
    """An addressee may be called like a host that was not reported, and nothing more may be told by its name."""
    if name_tells_an_address(name, incident):
        raise Denied(_("This names what was reported. Name the host, hotline, police force or list."))

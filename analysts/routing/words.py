"""What people write about where an incident goes is kept in clear: it never names what was reported."""

from django.utils.translation import gettext_lazy as _

from analysts import contents
from analysts.models import Incident
from analysts.tracing.actions import names_network_address
from audit.permissions import Denied
from reports.addresses import AddressKind, find_addresses


def check_names_no_address(text: str) -> None:
    if find_addresses(text) or names_network_address(text):
        raise Denied(_("This names an address. Write it without any."))


def check_addressee(name: str, incident: Incident) -> None:
    """An addressee may be called like its host, and nothing more may be told by its name."""
    reported = contents.address(incident)
    own = {found.key for found in find_addresses(reported.normalised)} if reported else set()
    for found in find_addresses(name):
        bare = found.reported.rpartition("://")[2].removesuffix("/")
        if found.kind != AddressKind.WEB or set(bare) & set("/?#:@") or found.key in own:
            raise Denied(_("This names what was reported. Name the host, hotline, police force or list."))
    if names_network_address(name):
        raise Denied(_("This names what was reported. Name the host, hotline, police force or list."))

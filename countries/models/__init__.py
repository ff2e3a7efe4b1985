"""A country's portal and what it says. Nothing here is about a reporter."""

from countries.models.addresses import RESERVED_SLUGS, WEB_ADDRESS, refuse_reserved_slug
from countries.models.change import Change, ChangeKind, ChangeState
from countries.models.contact import Contact, ContactKind
from countries.models.partner import Partner, PartnerRole
from countries.models.picture import MediaType, Picture
from countries.models.portal import Portal, PortalState, Region
from countries.models.text import LanguageReview, PortalText

__all__ = [
    "RESERVED_SLUGS",
    "WEB_ADDRESS",
    "Change",
    "ChangeKind",
    "ChangeState",
    "Contact",
    "ContactKind",
    "LanguageReview",
    "MediaType",
    "Partner",
    "PartnerRole",
    "Picture",
    "Portal",
    "PortalState",
    "PortalText",
    "Region",
    "refuse_reserved_slug",
]

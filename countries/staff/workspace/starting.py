"""Creating a draft portal from the catalogue, another portal, a file or an empty document."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON, record_event
from audit.permissions import Denied, HasPermissions
from countries import catalogue
from countries.languages import is_readable_as, words_language
from countries.models import ContactKind, Portal, PortalState, Region
from countries.public import published
from countries.public.standard_texts import standard_text
from countries.staff.document.exchange import document_from, drop_marks, from_toml
from countries.staff.document.portal_document import Document, apply_document, document_of
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES, PORTAL_FIELDS
from countries.staff.document.recorded_changes import describe_portal_changes
from countries.staff.requests.approvals import StaffMember
from countries.staff.workspace.country_facts import catalogue_rows, suggest_languages, world_rows

HELPLINE = {
    "kind": ContactKind.CHILD_HELPLINE.value,
    "name": "Child helpline",
    "phone": "116",
    "source": "unverified: the harmonised number of child helplines in Africa",
}
PARTNER_SOURCE = "unverified: named on public pages"


def check_can_start(user: HasPermissions) -> None:
    if not user.has_perm("countries.add_portal"):
        raise Denied(gettext_lazy("Only operators may create portals."))


@transaction.atomic
def start_portal(*, by: StaffMember, document: Document, how: str, source: str = "") -> Portal:
    """Create a draft portal. Raises Denied; ValidationError, also for a reserved or taken address."""
    check_can_start(by)
    if Portal.objects.filter(slug=document["slug"]).exists():
        raise ValidationError(_address_taken_message(document["slug"]))
    portal = Portal(state=PortalState.DRAFT)
    try:
        with transaction.atomic():
            apply_document(portal, document, recorded_by=by.pk)
    except IntegrityError:
        # Another operator took the address in between.
        raise ValidationError(_address_taken_message(document["slug"])) from None
    details: dict[str, JSON] = {"from": how, "source": source} if source else {"from": how}
    details["changes"] = describe_portal_changes({}, document)
    record_event(by=by, action="portal.start", on=portal, portal=portal.slug, details=details)
    return portal


def _address_taken_message(slug: str) -> str:
    return _("A portal with the address “%(slug)s” already exists.") % {"slug": slug}


def from_catalogue(slug: str) -> Document:
    """The document of a country of the world, with texts in its suggested languages. Raises KeyError.

    Nothing in it is verified, reviewed or confirmed: that is for the operators of the new portal.
    """
    path = catalogue.FOLDER / f"{slug}.toml"
    row = world_rows()[slug]
    if path in catalogue.files():
        document = from_toml(path.read_text(encoding="utf-8"))
        drop_marks(document)
        return document
    languages = list(suggest_languages(row).languages)
    contacts = list(row.get("contacts", []))
    if row["region"] == Region.AFRICA and row["country"] and slug in catalogue_rows():
        contacts.append(HELPLINE)
    fields: Document = {name: value for name, value in row.items() if name in PORTAL_FIELD_NAMES}
    fields.setdefault("leave_to", catalogue.harmless_page(languages[0]))
    partners = [
        {"name": name, "source": PARTNER_SOURCE, "position": position}
        for position, name in enumerate(row.get("partners", []))
    ]
    document = document_from({**fields, "contacts": contacts, "partners": partners})
    return with_languages(document, languages)


def from_portal(portal: Portal) -> Document:
    """A document with a portal's appearance, languages and partners, without anything specific to its country."""
    origin = document_of(portal)
    copied = {field.name: origin[field.name] for field in PORTAL_FIELDS if field.is_copied}
    empty = document_from({"slug": "new", "name": "new"})
    document = {**empty, **copied, "slug": "", "name": "", "partners": origin["partners"]}
    drop_marks(document)
    return with_languages(document, [text["language"] for text in origin["texts"]], default=origin["default_language"])


def blank_document() -> Document:
    return with_languages({**document_from({"slug": "new", "name": "new"}), "slug": "", "name": ""}, ["en"])


def with_languages(document: Document, languages: list[str], *, default: str = "") -> Document:
    """The document with texts in these languages, in this order: its own, or else the network's standard text."""
    # Reads the texts of languages that were approved since: only the public's pages do so on their own.
    published.portals_by_slug()
    texts_by_language = {text["language"]: text for text in document["texts"]}
    texts = []
    for position, tag in enumerate(dict.fromkeys(languages)):
        words = standard_text(document["country"], document["name"], tag)
        usual = document_from({"slug": "x", "name": "x", "texts": [{"language": tag, **words}]})["texts"][0]
        texts.append({**texts_by_language.get(tag, usual), "position": position})
    # A language without interface text would keep the portal from opening.
    worded = [tag for tag in languages if is_readable_as(words_language(tag), tag)]
    first = next(iter([*worded, *languages]), document["default_language"])
    return {**document, "texts": texts, "default_language": default if default in languages else first}

"""One portal as its pages show it: an immutable copy, made by `published`."""

from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from countries.languages import country_name, is_readable_as, long_date, text_direction, words_language
from countries.models import ContactKind, HeaderLayout, MediaType, Pattern, PortalState, ServiceKind
from countries.models.portal import Region, covers_any_country
from countries.public.page_cache import CachedPage


@dataclass(frozen=True, slots=True)
class PublishedText:
    language: str
    title: str
    welcome: str
    about: str
    law: str
    # While suspended, while closed; "" for the standard sentence.
    suspended_message: str
    closed_message: str


@dataclass(frozen=True, slots=True)
class PublishedName:
    """A name and note in one language."""

    language: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class PublishedContact:
    kind: ContactKind
    name: str
    phone: str
    website: str
    verified: bool
    # The language of the name shown; "" where the page around it is in the same language.
    name_language: str = ""
    note: str = ""
    # In other languages.
    names: tuple[PublishedName, ...] = field(default=(), repr=False)

    @property
    def name_direction(self) -> str:
        return text_direction(self.name_language)

    @property
    def dialled(self) -> str:
        return dial_number(self.phone)


@dataclass(frozen=True, slots=True)
class PublishedService:
    """A help service of the network's catalogue that helps people in the portal's country."""

    kind: ServiceKind
    name: str
    phone: str
    website: str
    # Ages of the people whom it helps, in years, both inclusive; None for no limit.
    min_age: int | None
    max_age: int | None
    # Languages that it answers in; empty for many.
    languages: tuple[str, ...]
    verified: bool

    @property
    def dialled(self) -> str:
        return dial_number(self.phone)

    def helps_ages(self, youngest: int, oldest: int) -> bool:
        """Whether it helps people of any age in this range."""
        return (self.min_age is None or self.min_age <= oldest) and (self.max_age is None or self.max_age >= youngest)


def dial_number(phone: str) -> str:
    """The number in the form that a telephone dials: digits, with a leading plus if there is one."""
    digits = "".join(character for character in phone if character.isdecimal())
    return f"+{digits}" if phone.lstrip().startswith("+") else digits


@dataclass(frozen=True, slots=True)
class PublishedPicture:
    """Equal where the digest is: the content of a digest never changes."""

    digest: str
    media_type: MediaType
    width: int
    height: int
    content: bytes = field(repr=False, compare=False)

    @property
    def ending(self) -> str:
        """The ending of its URL: the file type."""
        return self.media_type.name.lower()


@dataclass(frozen=True, slots=True)
class PublishedPartner:
    name: str
    role: str
    website: str
    logo: PublishedPicture | None = None
    # The language of the name shown; "" where the page around it is in the same language.
    name_language: str = ""
    note: str = ""
    # In other languages.
    names: tuple[PublishedName, ...] = field(default=(), repr=False)

    @property
    def name_direction(self) -> str:
        return text_direction(self.name_language)


def name_in_language[R: (PublishedContact, PublishedPartner)](row: R, tag: str) -> R:
    """The row as a page in the language shows it: with the name written for it, or else its own."""
    around = words_language(tag)
    exact = next((name for name in row.names if name.language == tag), None)
    name = exact or next((name for name in row.names if is_readable_as(name.language, tag)), None)
    if name is None:
        return replace(row, name_language="" if row.name_language == around else row.name_language)
    return replace(row, name=name.name, note=name.note, name_language="" if name.language == around else name.language)


@dataclass(frozen=True, slots=True)
class PublishedPortal:
    """One portal with everything its pages show: verified contacts and services, and confirmed partners only.

    The demo holds all contacts and services, so that its pages are complete; `verified` marks the verified ones.
    """

    id: int
    slug: str
    name: str
    country: str
    state: PortalState
    access_phrase: str = field(repr=False)
    default_language: str
    legal_age: int
    legal_source: str
    region: Region
    brand_colour: str
    leave_to: str
    # Empty for the brand colour.
    button_colour: str
    logo: PublishedPicture | None
    crest: PublishedPicture | None
    launched_on: date | None
    # Whether the public may hold receipts of it, though the portal is not visible now.
    may_have_receipts: bool
    texts: tuple[PublishedText, ...]
    contacts: tuple[PublishedContact, ...]
    partners: tuple[PublishedPartner, ...]
    services: tuple[PublishedService, ...]
    # Empty for a lighter brand colour.
    accent_colour: str = ""
    pattern: Pattern = Pattern.NONE
    header_layout: HeaderLayout = HeaderLayout.PLAIN
    # From when sentences of reports may be released; None: never.
    words_release_from: date | None = None
    # Pages rendered from this copy, by view, language, sentence of a banner, and part. See `pages.same_for_all`.
    pages: dict[tuple[object, ...], CachedPage] = field(default_factory=dict, repr=False, compare=False)
    # This copy with its names in a language, by language. See `in_language`.
    copies: "dict[str, PublishedPortal]" = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(text.language for text in self.texts)

    @property
    def first_language(self) -> str | None:
        """The default language, or the first one where the default has no text yet; None without any text."""
        languages = self.languages
        if self.default_language in languages:
            return self.default_language
        return languages[0] if languages else None

    @property
    def is_for_any_country(self) -> bool:
        return covers_any_country(self.country, self.region)

    def in_language(self, tag: str) -> "PublishedPortal":
        """The portal as its pages in this language show it; made once, and with the same rendered pages."""
        copy = self.copies.get(tag)
        if copy is None:
            contacts = tuple(name_in_language(contact, tag) for contact in self.contacts)
            partners = tuple(name_in_language(partner, tag) for partner in self.partners)
            copy = self.copies[tag] = replace(self, contacts=contacts, partners=partners)
            # A copy of the copy is itself.
            copy.copies[tag] = copy
        return copy

    def country_names(self) -> list[PublishedName]:
        """The country's name in each language of the portal, without repetition; none for several countries."""
        names: dict[str, PublishedName] = {}
        for tag in self.languages:
            if name := country_name(self.country, tag):
                names.setdefault(name, PublishedName(tag, name, ""))
        return list(names.values())

    def release_sentence(self) -> str:
        """Whose words may be released from when, in the active language; "" if all reports stay with the analysts."""
        if self.words_release_from is None:
            return ""
        return _(
            "From %(date)s, the police or a child protection service may read some sentences of a new report. Two "
            "of our analysts must agree first. They leave out everything that could show who you are. Reports sent "
            "before that day stay with our analysts."
        ) % {"date": long_date(self.words_release_from, get_language() or self.default_language)}

    def picture(self, digest: str) -> PublishedPicture | None:
        """The picture with this name, if the portal shows one."""
        pictures = (self.logo, self.crest, *(partner.logo for partner in self.partners))
        return next((picture for picture in pictures if picture and picture.digest == digest), None)

    def text(self, language: str) -> PublishedText | None:
        return next((text for text in self.texts if text.language == language), None)

    def contacts_by_kind(self) -> dict[str, list[PublishedContact]]:
        """The contacts by kind. Every kind is a key, so that a template can ask for any of them."""
        return {kind.value: [contact for contact in self.contacts if contact.kind == kind] for kind in ContactKind}

    def other_contacts(self) -> list[tuple[Promise, list[PublishedContact]]]:
        """Other help by kind: its heading and its contacts. Kinds without either are left out."""
        groups = [
            (kind.row.heading, [contact for contact in self.contacts if contact.kind == kind]) for kind in ContactKind
        ]
        return [(heading, contacts) for heading, contacts in groups if heading and contacts]

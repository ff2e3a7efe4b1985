"""Portals for tests, as an operator would open them."""

from datetime import date
from typing import Any

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from analysts.codes import Role
from analysts.models import User
from countries.models import (
    Contact,
    ContactKind,
    HelpService,
    InstallationMode,
    Language,
    ModeKind,
    Partner,
    Portal,
    PortalState,
    PortalText,
    PortalTextPart,
    ServiceKind,
    TextReview,
    text_digest,
)
from countries.models.verification import VerifiedModel


def store_verified[RowT: VerifiedModel](row: RowT) -> RowT:
    """Save the row, which has its mark, as verified with the details that it has."""
    row.mark_verified()
    row.save()
    return row


class VerifiedFactory[RowT: VerifiedModel](DjangoModelFactory[RowT]):
    """Rows that have the mark of a verification are verified with the details that they are created with."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[RowT], *args: Any, **kwargs: Any) -> RowT:
        row = model_class(**kwargs)
        if getattr(row, row.MARK):
            row.mark_verified()
        row.save()
        return row


class PortalFactory(DjangoModelFactory[Portal]):
    class Meta:
        model = Portal
        django_get_or_create = ("slug",)

    slug = "bz"
    name = "Belize"
    country = LazyAttribute(lambda portal: portal.slug.upper())
    state = PortalState.LIVE


class PortalTextFactory(DjangoModelFactory[PortalText]):
    class Meta:
        model = PortalText
        django_get_or_create = ("portal", "language")

    portal = SubFactory(PortalFactory)
    language = "en"
    title = LazyAttribute(lambda text: f"{text.portal.name} reporting portal")
    welcome = "Report the address of a page. We do not ask who you are."
    about = "Run by the hotline together with its partners."
    suspended_message = "This portal is closed for maintenance. Please tell the police."
    closed_message = "This portal is closed for good. Please tell the police."


class ContactFactory(VerifiedFactory[Contact]):
    class Meta:
        model = Contact

    portal = SubFactory(PortalFactory)
    kind = ContactKind.CHILD_HELPLINE
    name = "Child helpline"
    phone = "116"
    source = "the helpline's own page"
    verified_on = LazyFunction(timezone.localdate)
    verified_by = "Olga"


class LanguageFactory(DjangoModelFactory[Language]):
    """A language that is not open; Krio, unless it is given another tag and names."""

    class Meta:
        model = Language
        django_get_or_create = ("tag",)

    tag = "kri"
    name = "Krio"
    english_name = "Krio"
    plural_rule = "nplurals=2; plural=(n != 1);"


class HelpServiceFactory(VerifiedFactory[HelpService]):
    """A service that is not verified."""

    class Meta:
        model = HelpService

    key = Sequence(lambda number: f"service-{number}")
    kind = ServiceKind.PICTURES
    name = LazyAttribute(lambda service: f"Service {service.key}")
    website = "https://service.example.org/"
    source = "the service's own page"


class PartnerFactory(VerifiedFactory[Partner]):
    class Meta:
        model = Partner

    portal = SubFactory(PortalFactory)
    name = "Police"
    confirmed = True


def open_portal(slug: str, name: str, *languages: str, **fields: Any) -> Portal:
    """A portal with texts in `languages`, a verified helpline and a confirmed partner."""
    portal = PortalFactory.create(slug=slug, name=name, default_language=languages[0], **fields)
    texts = [
        PortalTextFactory.build(portal=portal, language=language, position=position)
        for position, language in enumerate(languages)
    ]
    # In one query, because thousands of tests begin with it. A text that is there already stays.
    PortalText.objects.bulk_create(texts, ignore_conflicts=True)
    ContactFactory.create(portal=portal)
    PartnerFactory.create(portal=portal)
    return portal


def complete_portal(slug: str, name: str, *languages: str, today: date | None = None, **fields: Any) -> Portal:
    """A portal whose launch checklist is complete on that day."""
    today = today or timezone.localdate()
    fields = {"legal_source": "Children Act, section 2", "tested_on": today} | fields
    portal = open_portal(slug, name, *languages, **fields)
    portal.texts.update(law="The law forbids it.")
    review_texts(portal, on=today)
    portal.contacts.update(verified_on=today)
    analyst, _created = User.objects.get_or_create(
        username="cara", defaults={"role": Role.ANALYST, "last_login": timezone.now()}
    )
    analyst.portals.add(portal)
    for kind in (ContactKind.EMERGENCY, ContactKind.POLICE):
        ContactFactory.create(portal=portal, kind=kind, name=str(kind.label), verified_on=today)
    name_in_languages(portal, *languages[1:])
    if not HelpService.objects.filter(key="thoughts").exists():
        HelpServiceFactory.create(key="thoughts", kind=ServiceKind.THOUGHTS, verified_on=today, verified_by="Olga")
    return portal


def review_texts(portal: Portal, *parts: PortalTextPart, on: date | None = None) -> None:
    """Record a review of each text that is not empty, or of these parts, in each language."""
    reviews = [
        TextReview(
            text=text,
            part=part,
            digest=text_digest(getattr(text, part)),
            reviewed_by="Amina Diallo",
            reviewed_on=on or timezone.localdate(),
        )
        for text in portal.texts.all()
        for part in parts or PortalTextPart
        if getattr(text, part)
    ]
    TextReview.objects.filter(text__portal=portal, part__in=parts or PortalTextPart).delete()
    TextReview.objects.bulk_create(reviews)


def name_in_languages(portal: Portal, *languages: str) -> None:
    """Give each contact and partner a name in these languages, and verify it with them."""
    rows: list[Contact | Partner] = [*portal.contacts.all(), *portal.partners.all()]
    for row in rows:
        for tag in languages:
            row.texts.create(language=tag, name=f"{row.name} ({tag})")
        store_verified(row)


def waiting_banner(by: User) -> InstallationMode:
    """A banner that waits for a second administrator: no page shows it, and it stops nothing."""
    words = {"en": "Back at noon."}
    return InstallationMode.objects.create(
        kind=ModeKind.BANNER, words=words, reason="A test.", started_by=by, started_at=timezone.now()
    )

"""Portals as the database has them, read and copied for `published`."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet, TextChoices

from countries.models import (
    Contact,
    ContactKind,
    ContactText,
    HelpService,
    MediaType,
    Partner,
    PartnerText,
    Picture,
    Portal,
    PortalText,
    PortalTextPart,
    ServiceKind,
    TextReview,
)
from countries.models.text_review import emergency_message, is_part_reviewed
from countries.public.published_portal import (
    PublishedContact,
    PublishedName,
    PublishedPartner,
    PublishedPicture,
    PublishedPortal,
    PublishedService,
    PublishedText,
)
from countries.public.withdrawn import Withdrawn, plain_title

# Texts that the public sees only as a speaker reviewed them, always or in an emergency.
SHOWN_IF_REVIEWED = (PortalTextPart.LAW, PortalTextPart.SUSPENDED_MESSAGE)

# The fields of a published portal that are columns of the row, shown as they are.
AS_STORED = tuple(
    field
    for field in fields(PublishedPortal)
    if field.name != "launched_on"
    and any(column.name == field.name and not column.is_relation for column in Portal._meta.concrete_fields)
)

type PicturesByDigest = Mapping[str | None, PublishedPicture]


def portal_queryset() -> QuerySet[Portal]:
    contacts = Contact.objects.order_by("position", "kind", "name")
    if not settings.DEMO:
        contacts = contacts.filter(Contact.verified())
    reviews = TextReview.objects.filter(part__in=SHOWN_IF_REVIEWED).only("text_id", "part", "digest")
    return Portal.objects.order_by("name").prefetch_related(
        Prefetch("texts", PortalText.objects.order_by("position", "language")),
        Prefetch("texts__reviews", reviews),
        Prefetch("contacts", contacts),
        Prefetch("contacts__texts", ContactText.objects.order_by("language")),
        Prefetch("partners", Partner.objects.filter(Partner.verified()).order_by("position", "name")),
        Prefetch("partners__texts", PartnerText.objects.order_by("language")),
    )


def service_queryset() -> QuerySet[HelpService]:
    services = HelpService.objects.order_by("position", "name")
    return services if settings.DEMO else services.filter(HelpService.verified())


def read_pictures(
    rows: Iterable[Portal], read_before: PicturesByDigest, withdrawn: Withdrawn
) -> dict[str | None, PublishedPicture]:
    """The portals' pictures, by digest. Each is read once: the bytes of a digest never change."""
    digests = {row.logo_id for row in rows} | {row.crest_id for row in rows}
    digests |= {partner.logo_id for row in rows for partner in row.partners.all()}
    digests = {digest for digest in digests if not withdrawn.has_picture(digest)}
    # Another thread may drop them in the meantime.
    pictures = {digest: picture for digest in digests if (picture := read_before.get(digest))}
    new = {digest for digest in digests if digest} - pictures.keys()
    if new:
        for row in Picture.objects.filter(digest__in=new):
            pictures[row.digest] = PublishedPicture(
                digest=row.digest,
                media_type=MediaType(row.media_type),
                width=row.width,
                height=row.height,
                content=bytes(row.content),
            )
    return pictures


def _shows_law(row: Portal, text: PortalText) -> bool:
    """Whether the law is reviewed as it is written now; else it shows in the demo and in drafts."""
    if settings.DEMO or not row.may_have_receipts:
        return True
    return is_part_reviewed(text, PortalTextPart.LAW)


def _values_as_stored(row: Portal) -> dict[str, Any]:
    """The values of `AS_STORED`, choices as their members."""
    return {
        field.name: field.type(getattr(row, field.name))
        if isinstance(field.type, type) and issubclass(field.type, TextChoices)
        else getattr(row, field.name)
        for field in AS_STORED
    }


def build_portal(
    row: Portal, pictures: PicturesByDigest, services: Iterable[HelpService], withdrawn: Withdrawn
) -> PublishedPortal:
    """The copy of a row of `portal_queryset`, with those of the services that help in its country.

    Without what is withdrawn: `pictures` lack it too.
    """
    return PublishedPortal(
        **_values_as_stored(row),
        logo=pictures.get(row.logo_id),
        crest=pictures.get(row.crest_id),
        launched_on=row.launch_day,
        may_have_receipts=row.may_have_receipts,
        texts=_build_texts(row, withdrawn),
        contacts=_build_contacts(row, withdrawn),
        partners=_build_partners(row, pictures, withdrawn),
        services=build_services(row, services, withdrawn),
    )


def _build_texts(row: Portal, withdrawn: Withdrawn) -> tuple[PublishedText, ...]:
    return tuple(_build_text(row, text, withdrawn) for text in row.texts.all())


def _build_text(row: Portal, text: PortalText, withdrawn: Withdrawn) -> PublishedText:
    texts = {part: withdrawn.shown_text(text, part) for part in PortalTextPart}
    suspended_message = texts[PortalTextPart.SUSPENDED_MESSAGE]
    return PublishedText(
        language=text.language,
        title=texts[PortalTextPart.TITLE] or plain_title(row.country, row.name, text.language),
        welcome=texts[PortalTextPart.WELCOME],
        about=texts[PortalTextPart.ABOUT],
        law=texts[PortalTextPart.LAW] if _shows_law(row, text) else "",
        suspended_message=emergency_message(text)
        if suspended_message and row.emergency_suspended
        else suspended_message,
        closed_message=texts[PortalTextPart.CLOSED_MESSAGE],
    )


def _build_contacts(row: Portal, withdrawn: Withdrawn) -> tuple[PublishedContact, ...]:
    return tuple(
        PublishedContact(
            kind=ContactKind(kind),
            name=contact.name,
            phone=contact.phone,
            website=contact.website,
            verified=contact.is_verified,
            name_language=contact.name_language or row.default_language,
            names=_build_names(contact.texts.all()),
        )
        for kind, contact in withdrawn.shown_contacts(list(row.contacts.all()))
    )


def _build_partners(row: Portal, pictures: PicturesByDigest, withdrawn: Withdrawn) -> tuple[PublishedPartner, ...]:
    return tuple(
        PublishedPartner(
            name=partner.name,
            role=partner.role,
            website=partner.website,
            logo=pictures.get(partner.logo_id),
            name_language=partner.name_language or row.default_language,
            names=_build_names(partner.texts.all()),
        )
        for partner in row.partners.all()
        if not withdrawn.has_row(partner)
    )


def build_services(row: Portal, services: Iterable[HelpService], withdrawn: Withdrawn) -> tuple[PublishedService, ...]:
    """Copies of the services that help in the portal's country, without those that are withdrawn."""
    return tuple(
        PublishedService(
            kind=ServiceKind(service.kind),
            name=service.name,
            phone=service.phone,
            website=service.website,
            min_age=service.min_age,
            max_age=service.max_age,
            languages=tuple(service.languages.split()),
            verified=service.is_verified,
        )
        for service in services
        if service.helps_in(row.country) and not withdrawn.has_row(service)
    )


def _build_names(texts: Iterable[ContactText] | Iterable[PartnerText]) -> tuple[PublishedName, ...]:
    return tuple(PublishedName(text.language, text.name, text.note) for text in texts)

"""The number of open checklist items and of contacts to check, counted by the database, to sort the list of portals.

`build_checklist` says what an item is; a test compares both for every way in which an item is open.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, NullIf

from countries.brand import readable_under_white, too_close
from countries.models import (
    Contact,
    ContactKind,
    ContactText,
    Partner,
    PartnerText,
    Portal,
    PortalState,
    PortalText,
    PortalTextPart,
    Region,
    TextReview,
)
from countries.staff.contacts.contact_checks import contacts_due, with_last_check
from countries.staff.contacts.contact_items import year_before
from countries.staff.contacts.door_items import lacking_doors, read_verified_offers
from countries.staff.translation.crisis_words import phrases_missing
from countries.staff.translation.english_texts import with_english_part
from countries.staff.workspace.checklist import uncovered_among, words_missing

# A text that is not empty: any character but white space.
WRITTEN = r"\S"


class _CountRows(Subquery):
    """The number of rows of a query that refers to the row outside."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


class _SplitPart(Func):
    function = "split_part"
    output_field = TextField()


def with_contacts_due(portals: QuerySet[Portal], today: date) -> QuerySet[Portal]:
    """The portals with `contacts_due`: how many of their contacts `contact_checks.is_due` names."""
    due = contacts_due(today).filter(portal=OuterRef("pk"))
    return portals.annotate(contacts_due=_CountRows(due.values("pk")))


def with_open_items(portals: QuerySet[Portal], today: date) -> QuerySet[Portal]:
    """The portals with `open_items`: how many items of their checklists are open. A few queries for all portals."""
    total: Combinable = Value(0)
    for count in _open_counts(today):
        total = total + count
    return portals.annotate(open_items=total)


def visible_texts_due(today: date) -> int:
    """How many texts of portals that the public sees, each counted once a language, have no current review."""
    visible = [state for state in PortalState if state.visible]
    number_written = sum((_one_if(Q(**{f"{part.value}__regex": WRITTEN})) for part in PortalTextPart), start=Value(0))
    texts = PortalText.objects.filter(portal__state__in=visible).annotate(due=number_written - _current_reviews(today))
    return texts.aggregate(number=Sum("due"))["number"] or 0


def _open_counts(today: date) -> Iterable[Combinable]:
    for kind in ContactKind.needed_by(None):
        yield _one_if(~Exists(_complete_contacts(kind, today)) & ~Q(country="", region=Region.WORLD))
    yield _door_count()
    texts = PortalText.objects.filter(portal=OuterRef("pk"))
    yield _one_if(~Exists(texts.filter(language=OuterRef("default_language"))))
    yield _CountRows(texts.exclude(pk__in=_complete_texts(today).values("pk")).values("pk"))
    tags = set(PortalText.objects.values_list("language", flat=True).distinct())
    for lacks in (words_missing(tags), phrases_missing(tags)):
        if lacking := [tag for tag, missing in lacks.items() if missing]:
            # Without any, Django would take the whole sum for empty.
            yield _CountRows(texts.filter(language__in=lacking).values("pk"))
    for unnamed in _texts_with_missing_names(texts):
        yield _CountRows(unnamed.values("pk"))
    yield _one_if(~Q(legal_source__regex=WRITTEN))
    yield from _colour_counts()
    partners = Partner.objects.filter(portal=OuterRef("pk"))
    yield _one_if(~Exists(partners) | Exists(partners.exclude(Partner.verified())))
    yield _one_if(Q(pk__in=uncovered_among(list(Portal.objects.values_list("pk", flat=True)))))
    yield _one_if(Q(tested_on=None))


def _door_count() -> Case:
    """The help of a door depends on ages and countries, which have no place in a query."""
    offers, portals = read_verified_offers(), Portal.objects.prefetch_related("contacts__texts")
    lacking = {portal.pk: lacking_doors(portal, portal.contacts.all(), offers) for portal in portals}
    doors = [When(pk=pk, then=len(situations)) for pk, situations in lacking.items()]
    return Case(*doors, default=0, output_field=IntegerField())


def _one_if(condition: Q | Combinable) -> Case:
    return Case(When(condition, then=1), default=0, output_field=IntegerField())


def _complete_contacts(kind: ContactKind, today: date) -> QuerySet[Contact]:
    contacts = with_last_check(Contact.objects.filter(portal=OuterRef("pk"), kind=kind))
    return contacts.alias(checked_on=Greatest("verified_on", "rechecked_on")).filter(
        Q(phone__gt="") | Q(website__gt=""),
        Contact.verified(),
        source__gt="",
        verified_by__gt="",
        checked_on__range=(year_before(today), today),
    )


def _current_reviews(today: date) -> _CountRows:
    """How many parts of a text have a review that counts."""
    reviews = TextReview.objects.current().filter(text=OuterRef("pk"), reviewed_on__lte=today)
    return _CountRows(reviews.values("pk"))


def _complete_texts(today: date) -> QuerySet[PortalText]:
    conditions = {f"{part.value}__regex": WRITTEN for part in PortalTextPart}
    return (
        PortalText.objects.filter(**conditions)
        .alias(reviewed=_current_reviews(today))
        .filter(reviewed=len(PortalTextPart))
        .exclude(with_english_part())
    )


def _texts_with_missing_names(texts: QuerySet[PortalText]) -> tuple[QuerySet[PortalText], QuerySet[PortalText]]:
    """The texts in whose language a contact’s name is missing, and a partner’s: see `contact_items.unnamed_in`."""
    others = texts.exclude(language=F("portal__default_language")).alias(
        base_language=_SplitPart(F("language"), Value("-"), Value(1))
    )
    contacts = _unnamed(Contact.objects.all()).exclude(Exists(ContactText.objects.filter(_names_it("contact"))))
    partners = _unnamed(Partner.objects.all()).exclude(Exists(PartnerText.objects.filter(_names_it("partner"))))
    return others.filter(Exists(contacts)), others.filter(Exists(partners))


def _unnamed[R: (Contact, Partner)](rows: QuerySet[R]) -> QuerySet[R]:
    """The rows of the portal of a text whose own name is in another language."""
    name_language = Coalesce(NullIf("name_language", Value("")), "portal__default_language")
    return (
        rows.filter(portal=OuterRef("portal"))
        .alias(own_language=name_language)
        .exclude(own_language=OuterRef("language"))
        .exclude(own_language=OuterRef("base_language"))
    )


def _names_it(row: str) -> Q:
    """Whether a name by language is one of the row outside, readable in the language of the text outside that."""
    readable = Q(language=OuterRef(OuterRef("language"))) | Q(language=OuterRef(OuterRef("base_language")))
    return Q(**{row: OuterRef("pk")}) & readable


def _colour_counts() -> Iterable[Combinable]:
    """Contrast is computed here, as there are few portals and it has no place in a query."""
    colours = list(Portal.objects.values_list("pk", "brand_colour", "button_colour", "accent_colour"))
    yield _one_if(Q(pk__in=[pk for pk, brand, _button, _accent in colours if not readable_under_white(brand)]))
    yield _one_if(Q(pk__in=[pk for pk, brand, button, _ in colours if not readable_under_white(button or brand)]))
    yield _one_if(Q(pk__in=[pk for pk, brand, _button, accent in colours if too_close(accent, brand)]))

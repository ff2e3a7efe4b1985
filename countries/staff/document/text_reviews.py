"""Reviews of a portal's texts: what is due, and reviews as part of a portal's document.

A text in a document has its reviews under the key `reviews`, one for each reviewed part. A review counts for as long as
its digest is that of the text; one that does not is kept, so that operators see who reviewed the earlier text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import tomli_w
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from countries.models import PortalText, PortalTextPart, TextReview, text_digest

type ReviewDocument = dict[str, str]

REVIEW_FIELDS = ("part", "digest", "reviewed_by", "reviewed_on")
# In files and requests older than reviews by part: one review of all texts of a language.
OLD_FIELDS = ("reviewed_by", "reviewed_on")


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One text of a portal in one language, and its review: at most one of the two is set."""

    part: PortalTextPart
    is_empty: bool
    # The review of the text as it is now.
    review: TextReview | None
    # A review of an earlier text.
    ended: TextReview | None

    @property
    def is_due(self) -> bool:
        return self.review is None and not self.is_empty


def part_statuses(text: PortalText, today: date) -> list[PartStatus]:
    """The status of each part, in the order of the form. No query if `reviews` is prefetched."""
    reviews = {review.part: review for review in text.reviews.all()} if text.pk else {}
    return [_part_status(part, getattr(text, part), reviews.get(part), today) for part in PortalTextPart]


def _part_status(part: PortalTextPart, words: str, review: TextReview | None, today: date) -> PartStatus:
    counts = review is not None and review.digest == text_digest(words) and review.reviewed_on <= today
    return PartStatus(
        part, not words.strip(), review=review if counts else None, ended=review if review and not counts else None
    )


def save_review(
    text: PortalText, part: PortalTextPart, *, reviewed_by: str, reviewed_on: date, recorded_by: int | None
) -> TextReview:
    """Record that a speaker reviewed the part as it is now. `recorded_by`: an account's id."""
    values = {"digest": text_digest(getattr(text, part)), "reviewed_by": reviewed_by, "reviewed_on": reviewed_on}
    return TextReview.objects.update_or_create(
        text=text, part=part, defaults={**values, "recorded_by_id": recorded_by}
    )[0]


def reviews_document(text: PortalText) -> list[ReviewDocument]:
    """The reviews as part of the document of a portal, without the accounts that recorded them."""
    return sort_reviews(
        [
            {
                "part": str(review.part),
                "digest": review.digest,
                "reviewed_by": review.reviewed_by,
                "reviewed_on": review.reviewed_on.isoformat(),
            }
            for review in text.reviews.all()
        ]
    )


def sort_reviews(reviews: list[ReviewDocument]) -> list[ReviewDocument]:
    return sorted(reviews, key=lambda review: review["part"])


def apply_reviews(text: PortalText, reviews: list[ReviewDocument], *, recorded_by: int | None) -> None:
    """Replace the reviews of the text. One that is unchanged keeps the account that recorded it.

    Raises ValidationError.
    """
    stored = {review.part: review for review in text.reviews.all()}
    # An empty text has no review.
    reviews = [values for values in reviews if getattr(text, values["part"]).strip() or values["part"] in stored]
    for part in stored.keys() - {values["part"] for values in reviews}:
        stored[part].delete()
    for values in reviews:
        row = stored.get(values["part"])
        if row and all(str(getattr(row, name)) == values[name] for name in REVIEW_FIELDS):
            continue
        row = row or TextReview(text=text, part=values["part"])
        row.digest, row.reviewed_by = values["digest"], values["reviewed_by"]
        row.reviewed_on, row.recorded_by_id = date.fromisoformat(values["reviewed_on"]), recorded_by
        row.full_clean()
        row.save()


def review_changes(
    before: Mapping[str, object], after: Mapping[str, object]
) -> Iterator[tuple[PortalTextPart, str, str]]:
    """The reviews that differ between two versions of a text, with both in words: "" without a review that counts."""
    was, will_be = _reviews_in_words(before), _reviews_in_words(after)
    for part in PortalTextPart:
        if was.get(part, "") != will_be.get(part, ""):
            yield part, was.get(part, ""), will_be.get(part, "")


def _reviews_in_words(text: Mapping[str, object]) -> dict[PortalTextPart, str]:
    reviews = text.get("reviews", [])
    return {
        PortalTextPart(review["part"]): f"{review['reviewed_by']}, {review['reviewed_on']}"
        for review in (reviews if isinstance(reviews, list) else [])
        if review["digest"] == text_digest(str(text.get(review["part"], "")))
    }


def review_lines(review: ReviewDocument) -> str:
    """The review as a table of a TOML file."""
    values = {**review, "reviewed_on": date.fromisoformat(review["reviewed_on"])}
    return f"\n[[texts.reviews]]\n{tomli_w.dumps(values)}"


def read_tables(rows: object, where: str, errors: list[str], *, name: str, most: int) -> list[dict[str, object]]:
    """A list of a parsed file, if it is one of at most `most` tables under `name`; else [], with an error."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        errors.append(_("%(where)s: must be tables, each under [[%(name)s]].") % {"where": where, "name": name})
        return []
    if len(rows) > most:
        errors.append(_("%(where)s: more than %(most)d rows.") % {"where": where, "most": most})
        return []
    return rows


def parse_reviews(
    values: Mapping[str, object], text: Mapping[str, object], at: str, errors: list[str]
) -> list[ReviewDocument]:
    """The reviews of one text of a file. `values`: its table; `text`: its parsed fields.

    Faults are added to `errors`.
    """
    rows, where = values.get("reviews"), f"{at}, reviews"
    if rows is None:
        return _reviews_of_old_format(text, *(values.get(field) for field in OLD_FIELDS))
    reviews: dict[str, ReviewDocument] = {}
    tables = read_tables(rows, where, errors, name="texts.reviews", most=len(PortalTextPart))
    for number, row in enumerate(tables, 1):
        if (review := _parse_review(row, f"{where} {number}", errors)) is None:
            continue
        if review["part"] in reviews:
            errors.append(_("%(where)s: appears twice.") % {"where": f"{where} {number}"})
        reviews[review["part"]] = review
    return sort_reviews(list(reviews.values()))


def _parse_review(values: dict[str, object], at: str, errors: list[str]) -> ReviewDocument | None:
    for unknown in sorted(values.keys() - set(REVIEW_FIELDS)):
        errors.append(_("%(where)s%(key)s: no such key.") % {"where": f"{at}, ", "key": repr(unknown)[1:-1]})
    review = {name: _plain_text(values.get(name)) for name in REVIEW_FIELDS if name != "reviewed_on"}
    review["reviewed_on"] = _plain_day(values.get("reviewed_on"))
    try:
        TextReview(**{**review, "part": PortalTextPart(review["part"])}).clean_fields(exclude=["text", "recorded_by"])
    except (ValueError, ValidationError):
        errors.append(_("%(where)s: not a review from an exported portal.") % {"where": at})
        return None
    return review


def _plain_text(value: object) -> str:
    return value if isinstance(value, str) and "\x00" not in value else ""


def _plain_day(value: object) -> str:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else ""


def _reviews_of_old_format(text: Mapping[str, object], by: object = None, on: object = None) -> list[ReviewDocument]:
    """The reviews that a file states in the old format: of all texts of a language, as the file has them."""
    name, day = _plain_text(by).strip(), _plain_day(on)
    if not name or not day:
        return []
    reviews = [
        {"part": part.value, "digest": text_digest(words), "reviewed_by": name[:100], "reviewed_on": day}
        for part in PortalTextPart
        if (words := str(text.get(part.value, ""))).strip()
    ]
    return sort_reviews(reviews)

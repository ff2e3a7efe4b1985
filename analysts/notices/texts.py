"""The words of notices: which text counts, those that come with the product, and new versions of them."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from analysts.models import Addressee, AddresseeKind, NoticeTemplate, Purpose

SHIPPED = Path(__file__).parent / "shipped"
# Whoever reads none of their languages reads this one.
FALLBACK = "en"


def chosen(addressee: Addressee, purpose: str) -> NoticeTemplate | None:
    """The latest version in the first of the addressee's languages that there is one in, else in English."""
    latest = latest_by_language(addressee.kind, purpose)
    wanted = (tag.lower() for tag in addressee.languages)
    # A text in Portuguese is better than one in English for who asks for Brazilian Portuguese.
    tags = [each for tag in wanted for each in (tag, tag.split("-")[0])]
    return next((latest[tag] for tag in [*tags, FALLBACK] if tag in latest), None)


def latest_by_language(kind: str, purpose: str) -> dict[str, NoticeTemplate]:
    found = NoticeTemplate.objects.filter(kind=kind, purpose=purpose).order_by("language", "-version")
    return {text.language: text for text in found.distinct("language")}


def load(*, now: datetime | None = None) -> int:
    """Add the shipped texts that there is no version of, as version 1; how many were missing.

    Whatever operators wrote stays: a text that is there is never touched.
    """
    there = set(NoticeTemplate.objects.values_list("kind", "purpose", "language"))
    at = now or timezone.now()
    missing = [text for text in shipped(at) if (text.kind, text.purpose, text.language) not in there]
    return len(NoticeTemplate.objects.bulk_create(missing, ignore_conflicts=True))


def shipped(at: datetime) -> Iterator[NoticeTemplate]:
    """Those that come with the product, unsaved."""
    for path in sorted(SHIPPED.glob("*.toml")):
        kinds = tomllib.loads(path.read_text(encoding="utf-8"))
        paragraphs: dict[str, str] = kinds.pop("paragraphs")
        for kind, purposes in kinds.items():
            for purpose, letter in purposes.items():
                yield NoticeTemplate(
                    kind=AddresseeKind(kind),
                    purpose=Purpose(purpose),
                    language=path.stem,
                    subject=letter["subject"],
                    body="\n\n".join(paragraphs[name].strip() for name in letter["paragraphs"]),
                    at=at,
                )

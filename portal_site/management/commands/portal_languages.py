"""`manage.py portal_languages`: translation state, faults, reviews and missing files of every language."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from countries.languages import in_digits, language_name, text_direction, words_language
from countries.models import LanguageReview, Portal
from countries.staff.contacts.contact_items import unnamed_in
from countries.staff.translation.standard_words import count_fuzzy, count_translated, is_machine_made, words_digest
from countries.staff.translation.word_faults import find_faults, find_untranslated
from countries.staff.workspace.checklist import PREFETCHED
from countries.words.sources import SOURCE, language_tags
from portal_site.language_checklist import ITEMS, language_gaps


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail where a language lacks words or has a fault")
        parser.add_argument("--missing", action="store_true", help="list every word that has no translation")

    def handle(self, *args: object, check: bool, missing: bool, **options: object) -> None:
        faulty_tags = [tag for tag in language_tags() if not self.print_language(tag, listing=missing)]
        for portal in Portal.objects.prefetch_related(*PREFETCHED):
            offered = ", ".join(_translation_summary(text.language) for text in portal.texts.all()) or "no language yet"
            self.stdout.write(f"{portal.slug}: {offered}")
            for tag in (text.language for text in portal.texts.all()):
                if unnamed := unnamed_in(portal, tag):
                    self.stdout.write(f"    {tag}: names of contacts and partners that are missing: {unnamed}")
        if check and faulty_tags:
            raise CommandError(f"Not complete: {', '.join(faulty_tags)}.")

    def print_language(self, tag: str, *, listing: bool) -> bool:
        """Write the state of one language; returns whether it has all that is needed."""
        translated, total = count_translated(tag)
        faults = find_faults(tag)
        self.stdout.write(
            f"{tag}: {language_name(tag)}, {text_direction(tag)}, digits {in_digits('0123456789', tag)}, "
            f"{translated} of {total} translated, {count_fuzzy(tag)} fuzzy, {len(faults)} faults, "
            f"{_review_summary(tag)}"
        )
        for sentence in faults + [f"Not translated: {source!r}" for source in find_untranslated(tag) if listing]:
            self.stdout.write(f"    {sentence}")
        lacking = language_gaps(tag)
        has = [item.name for item in ITEMS if item not in {gap.item for gap in lacking}]
        self.stdout.write(f"    has: {', '.join(has)}")
        for gap in lacking:
            self.stdout.write(f"    lacks: {gap}")
        return not any(gap.item.is_needed for gap in lacking)


def _review_summary(tag: str) -> str:
    if tag == SOURCE:
        return "the source"
    origin = "machine-made" if is_machine_made(tag) else "made by a person"
    review = LanguageReview.objects.filter(language=tag).first()
    if review is None:
        return f"{origin}, not reviewed"
    if review.is_waiting:
        return f"{origin}, reviewed by {review.reviewed_by} on {review.reviewed_on}, not confirmed"
    still = "" if review.digest == words_digest(tag) else ", and changed since"
    return f"{origin}, reviewed by {review.reviewed_by} on {review.reviewed_on}{still}"


def _translation_summary(tag: str) -> str:
    if words_language(tag) == SOURCE != tag.split("-")[0]:
        return f"{tag} (standard words in English)"
    translated, total = count_translated(tag)
    return tag if translated == total else f"{tag} ({translated} of {total})"

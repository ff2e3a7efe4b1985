"""Internal notes on the incident page: their number and, once revealed, their text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from analysts.assessment.drafts import OpenDrafts
from analysts.assessment.forms import WriteNote
from analysts.incidents import contents
from analysts.incidents.display.visible_text import Legible, make_legible
from analysts.incidents.page_kit import ActionButton, ActionForm
from analysts.incidents.page_urls import incident_url
from analysts.incidents.permissions import check_can_note
from analysts.models import Incident, Note, User
from analysts.welfare.masked_words import Blanks
from audit.permissions import why_not

# Only the latest notes are listed.
MOST_LISTED = 100
# The name of the action, which is distinct among the forms of the page.
NOTE = "note"


@dataclass(frozen=True, slots=True, repr=False)
class NoteRow:
    """A note. `text` is set only if the incident is revealed and the note can be opened.

    `by`, `at`: None while the author stays unnamed; the time would tell who it is.
    """

    by: User | None
    at: datetime | None
    handed_over: bool
    text: Legible | None
    erased_on: date | None


@dataclass(frozen=True, slots=True, repr=False)
class Notes:
    rows: list[NoteRow]
    button: ActionButton
    # The colleague who handed the incident over to the viewer with a note; "" if there is none.
    handed_over_by: str


def build_notes(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    drafts: OpenDrafts,
    blanks: Blanks,
    *,
    latest: Sequence[Note],
    revealed: bool,
) -> Notes:
    """`latest`: as `read_notes`."""
    # Unnamed ones in an order that says nothing of their authors.
    unnamed = sorted((note for note in latest if note.is_unnamed), key=lambda note: note.pk)
    named = [note for note in reversed(latest) if not note.is_unnamed]
    rows = [note_row(note, blanks, revealed=revealed) for note in (*named, *unnamed)]
    mine = incident.claimed_by_id == user.pk
    return Notes(
        rows=rows,
        button=ActionButton(
            name=NOTE,
            label=_("Save internal note"),
            url=incident_url(incident.pk, "admin:note"),
            # A draft may quote content that is masked.
            form=bound.get(NOTE) or note_form(initial=drafts.fields.get(NOTE) if revealed else None),
            why_not=why_not(check_can_note, user, incident),
            draft_url=reverse("admin:draft", args=[incident.pk, NOTE]) if revealed else "",
            saved_at=drafts.saved_at.get(NOTE),
        ),
        handed_over_by=next(
            (
                str(note.by)
                for note in latest
                if mine and (note.incident_id, note.claim) == (incident.pk, incident.fence)
            ),
            "",
        ),
    )


def read_notes(incident: Incident, user: User, *, merged: Sequence[Incident], has_notes: bool) -> list[Note]:
    """The latest notes that the user may see, newest first; one query, none without notes.

    merged: incidents merged into this one that the user may see; their notes are included. has_notes: whether there are
    any of the incident itself.
    """
    if not has_notes and not merged:
        return []
    notes = Note.objects.of(incident, shown_to=user, merged=merged).select_related("by", "key")
    return list(notes.order_by("-at")[:MOST_LISTED])


def note_row(note: Note, blanks: Blanks, *, revealed: bool) -> NoteRow:
    text = contents.reveal_note(note) if revealed else None
    return NoteRow(
        by=None if note.is_unnamed else note.by,
        at=None if note.is_unnamed else note.at,
        handed_over=note.claim is not None and not note.is_unnamed,
        text=None if text is None else blanks.legible(make_legible(text)),
        erased_on=note.key.destroyed_on,
    )


def note_form(data: Mapping[str, object] | None = None, *, initial: Mapping[str, object] | None = None) -> WriteNote:
    return WriteNote(data, auto_id=f"{NOTE}_%s", initial=dict(initial or {}))

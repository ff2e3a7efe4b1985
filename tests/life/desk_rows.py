"""Verbs of the assessment desk, of the incident page, and of a person's own settings."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet

from analysts.assessment import actions, drafts
from analysts.assessment.actions import entering
from analysts.assessment.actions.bulk import closable_incidents
from analysts.assessment.actions.folding import foldable_incidents
from analysts.assessment.intake.reopening import earlier_verdict
from analysts.assessment.words_release import actions as words_release
from analysts.assessment.words_release.permissions import recipients_of_words
from analysts.codes import (
    ClosingDeclineReason,
    EntryOrigin,
    FoldReason,
    Reason,
    RevealReason,
    Role,
    UndoReason,
    Verdict,
    VerdictBasis,
)
from analysts.incidents import actions as incidents
from analysts.models import (
    BulkClosing,
    FloodFolding,
    FloodSample,
    FloodSampleItem,
    Hold,
    Incident,
    IncidentQuerySet,
    Question,
    Recipient,
    ReleaseGround,
    Report,
    SavedView,
    Sighting,
    User,
    WordsRelease,
)
from analysts.pages import saved_views
from analysts.retention import actions as retention
from analysts.states import State
from analysts.welfare import actions as welfare
from analysts.welfare import viewing
from reports.addresses import find_addresses
from tests.acts.incidents import CLOSED_VIEW, ILLEGAL, OUTSIDE_REMIT, POLICE_HOLD
from tests.life.rows import SENIORS, Arguments, Chance, VerbRow, no_arguments, of_incident, of_row
from tests.life.world import World

NOT_ILLEGAL: tuple[Arguments, ...] = (
    {"verdict": Verdict.NOT_ASSESSED, "reason": Reason.CONTENT_NOT_FOUND},
    {"verdict": Verdict.NOT_ILLEGAL, "reason": Reason.OTHER},
    OUTSIDE_REMIT,
)
# Most are illegal: little follows from the others. Addresses not found are often reported again.
UNSEEN: tuple[Arguments, ...] = tuple(
    {**ILLEGAL, "basis": basis} for basis in VerdictBasis if basis != VerdictBasis.SEEN
)
DECISIONS: tuple[Arguments, ...] = (ILLEGAL, ILLEGAL, ILLEGAL, *UNSEEN, *NOT_ILLEGAL, NOT_ILLEGAL[0])


def _held(found: IncidentQuerySet, by: User, _world: World) -> IncidentQuerySet:
    return found.filter(claimed_by=by)


def _a_claim(world: World, by: User, chance: Chance) -> Arguments | None:
    """Every second one of a reopened incident, of which there are few."""
    reopened = of_incident(State.WAITING, where=lambda found, *_: found.filter(round__gt=1))
    claimed = reopened(world, by, chance) if chance.is_one_of(2) else None
    return claimed or of_incident(State.WAITING)(world, by, chance)


def _was_reopened(found: IncidentQuerySet, by: User, _world: World) -> IncidentQuerySet:
    return found.filter(claimed_by=by, round__gt=1)


def _earlier_verdict(world: World, incident: Incident, chance: Chance) -> Arguments | None:
    if not chance.is_wild and earlier_verdict(incident) is None:
        return None
    return _with_fence(world, incident, chance)


def _with_fence(_world: World, incident: Incident, chance: Chance) -> Arguments:
    """The current number of the claim, or an old one, as of a page that was left open."""
    return {"fence": max(0, incident.fence - chance.is_one_of(10))}


def _to_colleague(world: World, incident: Incident, chance: Chance) -> Arguments:
    to = world.people if chance.is_wild else [each for each in world.analysts() if each.pk != incident.claimed_by_id]
    return {**_with_fence(world, incident, chance), "to": chance.choose(to or world.people)}


def _a_decision(world: World, incident: Incident, chance: Chance) -> Arguments:
    """A reopened incident often turns out not to be illegal."""
    decisions = NOT_ILLEGAL if incident.round > 1 and chance.is_one_of(2) else DECISIONS
    return {**_with_fence(world, incident, chance), **chance.choose(decisions)}


def _decided_by(found: IncidentQuerySet, by: User, world: World) -> IncidentQuerySet:
    return found.filter(assessments__by=by, assessments__at__gte=world.now - timedelta(minutes=10)).distinct()


def _last_assessment(_world: World, incident: Incident, _chance: Chance) -> Arguments | None:
    latest = incident.assessments.order_by("-at", "pk").first()
    return None if latest is None else {"assessment": latest, "reason": UndoReason.SLIP}


def _another_incident(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    others = Incident.objects.exclude(pk=incident.pk).filter(portals__overlap=incident.portals, merged_into=None)
    into = chance.row(others.select_related("key"))
    return None if into is None else {"into": into, "fence": incident.fence, "compared": chance.is_one_of(2)}


def _a_merged_one(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    merged = chance.row(incident.merged.exclude(is_compared=True))
    return None if merged is None else {"merged": merged}


def _has_merged(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(pk__in=Incident.objects.exclude(merged_into=None).values("merged_into"))


def _has_reports(found: IncidentQuerySet, by: User, _world: World) -> IncidentQuerySet:
    theirs = found.exclude(state=State.CLAIMED) | found.filter(claimed_by=by)
    reports = Sighting.objects.filter(incident=OuterRef("pk")).order_by().values("incident")
    return theirs.filter(Exists(reports.annotate(number=Count("pk")).filter(number__gt=1)))


def _a_report(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    reports = Report.objects.filter(sightings__incident=incident)
    report = chance.row(reports)
    return None if report is None else {"report": report}


def _a_question(world: World, incident: Incident, chance: Chance) -> Arguments | None:
    report = _a_report(world, incident, chance)
    return None if report is None else {**report, "question": "When did you see it?"}


def _a_sentence(world: World, incident: Incident, chance: Chance) -> Arguments | None:
    """One of the words that reporters in the model write, or another one."""
    report = _a_report(world, incident, chance)
    to = chance.row(Recipient.objects.all() if chance.is_wild else recipients_of_words(incident, world.now.date()))
    if report is None or to is None:
        return None
    ground = chance.choose([ReleaseGround.PORTAL, ReleaseGround.THREAT, ReleaseGround.MISSING])
    return {
        **report,
        "to": to,
        "sentence": chance.choose(["Seen in a public group.", "No word of it."]),
        "ground": ground,
    }


def _proposed(found: IncidentQuerySet, by: User, _world: World) -> IncidentQuerySet:
    proposed = WordsRelease.objects.filter(decided_at=None).exclude(by=by)
    return found.filter(pk__in=proposed.values("incident"))


def _a_release(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    release = chance.row(WordsRelease.objects.filter(incident=incident))
    return None if release is None else {"release": release, "releases": chance.choose([True, True, False])}


def _a_flood(_world: World, by: User, chance: Chance) -> Arguments | None:
    waiting = Incident.objects.visible_to(by).waiting().alike()
    floods = sorted({bytes(each) for each in waiting.order_by().values_list("flood", flat=True)})
    floods = [each for each in floods if closable_incidents(by, each).exists()] or floods
    return {"flood": chance.choose(floods)} if floods else None


def _a_sample(chance: Chance, samples: QuerySet[FloodSample]) -> FloodSample | None:
    return chance.row(FloodSample.objects.all() if chance.is_wild else samples.filter(ended_at=None))


def _opened_sample(_world: World, by: User, chance: Chance) -> Arguments | None:
    """Often one whose items were all opened."""
    samples = FloodSample.objects.filter(by=by)
    if not chance.is_one_of(2):
        samples = samples.exclude(pk__in=FloodSampleItem.objects.filter(opened_at=None).values("sample"))
    sample = _a_sample(chance, samples)
    return None if sample is None else {"sample": sample, **chance.choose(NOT_ILLEGAL)}


def _own_sample(_world: World, by: User, chance: Chance) -> Arguments | None:
    sample = _a_sample(chance, FloodSample.objects.filter(by=by))
    return None if sample is None else {"sample": sample, **chance.choose(NOT_ILLEGAL)}


def _asked_sample(_world: World, by: User, chance: Chance) -> Arguments | None:
    """Mostly one that still has incidents to close."""
    sample = _a_sample(chance, FloodSample.objects.exclude(by=by).exclude(asked_at=None))
    if sample is None:
        return None
    left = closable_incidents(sample.by, bytes(sample.flood)).filter(pk__in=sample.population).visible_to(by)
    return {"sample": sample} if left.exists() or chance.is_one_of(6) else None


def _declined_sample(_world: World, by: User, chance: Chance) -> Arguments | None:
    asked = FloodSample.objects.exclude(asked_at=None)
    sample = _a_sample(chance, asked.filter(by=by) if chance.is_one_of(3) else asked.exclude(by=by))
    return None if sample is None else {"sample": sample, "reason": ClosingDeclineReason.OPEN_SAMPLE}


def _what_waits_alike(_world: World, by: User, chance: Chance) -> Arguments | None:
    waiting = Incident.objects.visible_to(by).waiting().apart()
    incident = chance.row(waiting.select_related("key"))
    if incident is None:
        return None
    number = foldable_incidents(by, incident).count()
    if not number and not chance.is_wild:
        return None
    return {"incident": incident, "reason": FoldReason.INVENTED, "number": number}


UNOPENED = FloodSampleItem.objects.filter(sample__ended_at=None, opened_at=None)


def _is_in_sample(found: IncidentQuerySet, by: User, _world: World) -> IncidentQuerySet:
    """Incidents of an open sample first, because all of it has to be opened."""
    drawn = found.filter(pk__in=UNOPENED.filter(sample__by=by).values("incident"))
    return drawn if drawn.exists() else found


def _a_reveal(_world: World, incident: Incident, chance: Chance) -> Arguments | None:
    """Mostly by a person who has to open it."""
    is_wanted = UNOPENED.filter(incident=incident).exists() or chance.is_one_of(3)
    return {"reason": RevealReason.SAMPLE} if is_wanted else None


def _has_open_hold(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(Exists(Hold.objects.filter(incident=OuterRef("pk"), released_at=None)))


def _has_no_hold(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.exclude(Exists(Hold.objects.filter(incident=OuterRef("pk"), released_at=None)))


def _a_review_day(world: World, _incident: Incident, _chance: Chance) -> Arguments:
    review_on = world.now.date() + timedelta(days=30)
    return {**POLICE_HOLD, "review_on": review_on}


def _an_address(world: World, by: User, chance: Chance) -> Arguments:
    """One that reports name as well, or a new one, for a portal of `by` or for the hotline."""
    names = ("https://a.example/one", "https://b.example/album/2", "https://entered.example/page")
    portals = [portal for portal in world.portals if chance.is_wild or portal.pk in by.portal_ids]
    return {
        "address": find_addresses(chance.choose(names))[0],
        "origin": chance.choose(list(EntryOrigin)),
        "portal": chance.choose([*portals, None]),
        "in_danger": chance.is_one_of(4),
        "note": "File 12/26",
    }


def _has_answers(found: IncidentQuerySet, _by: User, _world: World) -> IncidentQuerySet:
    return found.filter(Exists(Question.objects.filter(incident=OuterRef("pk"), answered=True, read=False)))


def _a_draft(_world: World, _incident: Incident, chance: Chance) -> Arguments:
    return {"act": chance.choose(["assess", "add_note"]), "fields": {"text": "Begun."}}


def _a_view(_world: World, _by: User, chance: Chance) -> Arguments:
    return {
        **CLOSED_VIEW,
        "name": chance.choose(["Closed", "Waiting for the police"]),
        "is_shared": chance.is_one_of(2),
    }


def _a_folding(_world: World, _by: User, chance: Chance) -> Arguments | None:
    folding = chance.row(FloodFolding.objects.all())
    return None if folding is None else {"flood": bytes(folding.flood)}


def _own_views(by: User, _world: World) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner=by)


CHANGED_VIEW = of_row("view", _own_views, any_when_wild=True, name="Mine", is_shared=True)

ROWS: tuple[VerbRow, ...] = (
    VerbRow(saved_views.save_view, _a_view, often=1),
    VerbRow(saved_views.change_view, CHANGED_VIEW, often=1),
    VerbRow(saved_views.delete_view, of_row("view", _own_views, any_when_wild=True), often=1),
    VerbRow(entering.enter_address, _an_address, often=2),
    VerbRow(actions.claim_next, no_arguments, often=4),
    VerbRow(actions.claim, _a_claim, often=16),
    VerbRow(actions.assess, of_incident(State.CLAIMED, more=_a_decision, where=_held), often=30),
    VerbRow(actions.confirm_unchanged, of_incident(State.CLAIMED, more=_earlier_verdict, where=_was_reopened), often=8),
    VerbRow(actions.renew, of_incident(State.CLAIMED, more=_with_fence, where=_held)),
    VerbRow(actions.skip, of_incident(State.CLAIMED, more=_with_fence, where=_held)),
    VerbRow(actions.release, of_incident(State.CLAIMED, more=_with_fence, where=_held)),
    VerbRow(actions.hand_over, of_incident(State.CLAIMED, more=_to_colleague, where=_held)),
    VerbRow(actions.undo, of_incident(more=_last_assessment, where=_decided_by)),
    VerbRow(actions.merge, of_incident(State.WAITING, more=_another_incident), often=1),
    VerbRow(actions.compare_merged, of_incident(more=_a_merged_one, where=_has_merged), often=1),
    VerbRow(actions.split, of_incident(more=_a_report, where=_has_reports), often=1),
    VerbRow(actions.close, of_incident(State.ASSESSED, State.ACTING), often=1),
    VerbRow(actions.reopen, of_incident(State.ASSESSED, State.ACTING, State.CLOSED), often=4),
    VerbRow(actions.ask_reporter, of_incident(more=_a_question)),
    VerbRow(words_release.propose_words_release, of_incident(more=_a_sentence)),
    VerbRow(words_release.decide_words_release, of_incident(more=_a_release, where=_proposed)),
    VerbRow(actions.read_answers, of_incident(where=_has_answers), often=4),
    VerbRow(actions.draw_sample, _a_flood, often=4),
    VerbRow(actions.close_flood, _opened_sample, often=10),
    VerbRow(actions.ask_approval, _own_sample, often=3),
    VerbRow(actions.approve_closing, _asked_sample, often=6),
    VerbRow(actions.decline_closing, _declined_sample),
    VerbRow(
        actions.undo_flood, of_row("closing", lambda by, world: BulkClosing.objects.filter(undone_at=None)), often=10
    ),
    VerbRow(actions.fold_flood, _what_waits_alike, often=1),
    VerbRow(actions.unfold_flood, _a_folding, often=1),
    VerbRow(drafts.save_draft, of_incident(State.CLAIMED, more=_a_draft), often=1),
    VerbRow(drafts.load_drafts, of_incident(State.CLAIMED), often=1, roles=frozenset(Role)),
    VerbRow(drafts.delete_draft, of_incident(more=lambda *_: {"act": "assess"}), often=1, roles=frozenset(Role)),
    VerbRow(viewing.record_reveal, of_incident(more=_a_reveal, where=_is_in_sample), often=16),
    VerbRow(viewing.view_incident, of_incident(more=lambda *_: {"revealed": False})),
    VerbRow(incidents.add_note, of_incident(more=lambda *_: {"text": "Looked at it twice."})),
    VerbRow(retention.place_hold, of_incident(more=_a_review_day, where=_has_no_hold), roles=SENIORS, often=1),
    VerbRow(retention.release_hold, of_incident(where=_has_open_hold), roles=SENIORS),
    VerbRow(welfare.take_break, no_arguments, often=1),
    VerbRow(welfare.go_on, no_arguments, often=1),
    VerbRow(welfare.avoid_warnings, lambda *_: {"avoids": []}, often=1),
    VerbRow(welfare.save_display_preferences, lambda *_: {}, frozenset(Role), often=1),
)

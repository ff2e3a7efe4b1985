"""The content of a batch file: the code lists and rules of this version, limits, and incidents with their reports."""

import uuid
from base64 import b64encode
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import assert_never, cast

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from analysts.assessment.decision_forms import CHOICE_GROUPS, Assess, CodeField, CodeSetField, Radios
from analysts.assessment.related.page_section import verdict_label
from analysts.assessment.related.relations import Relation, find_related
from analysts.codes import (
    REASONS,
    SHOWS_CHILD,
    SHOWS_NO_CHILD,
    ContentWarning,
    Flag,
    FoundOn,
    Reason,
    Severity,
    Verdict,
)
from analysts.handoff.batch_format import (
    BatchHead,
    BatchIncident,
    ChecksSoFar,
    CodeGroup,
    CodeOption,
    HostHistory,
    SuggestedHosting,
    TaxonomyRule,
    WelfareLimits,
    WorkstationTask,
)
from analysts.handoff.batch_reports import describe_reports, reports_of
from analysts.handoff.sealed_lines import seal_line
from analysts.handoff.signing import Typ
from analysts.incidents import contents
from analysts.incidents.definitions import definition_of
from analysts.models import (
    AvailabilityCheck,
    Batch,
    BatchItem,
    BatchKind,
    Chase,
    CheckOutcome,
    Incident,
    TraceMethod,
    User,
)
from analysts.models.batch import FINDINGS
from analysts.takedown.chasing import rules
from analysts.takedown.tracing.same_host import suggest_place, summarise_host
from analysts.welfare.exposure import exposure_status
from analysts.welfare.masked_words import Blanks
from analysts.welfare.page_section import notices_of_site
from analysts.welfare.viewing import shows_words_at_once
from countries.decided_settings import number_in_force
from countries.languages import country_names
from reports import sealing


def build_batch_file(
    batch: Batch, user: User, *, secret: bytes, results_key: sealing.PublicKey, now: datetime
) -> bytes:
    """Build the file: the header, then a line for each incident without a result. `user`: who drew it.

    Incidents of portals that were taken from `user` since are left out.
    """
    to = sealing.PublicKey("", bytes(batch.workstation.sealing_key))
    items = batch.items.filter(answered_at=None, incident__portals__overlap=user.portal_array)
    items = items.select_related("incident__key").order_by("number")
    incidents = list(_describe_incidents(batch, list(items), user, now=now))
    head = BatchHead(
        kind="batch",
        # 2: each incident has work of its own.
        format=2,
        batch=batch.pk,
        drawn_by=str(batch.by),
        made_at=now,
        until=batch.until,
        count=len(incidents),
        results_key=b64encode(results_key.raw).decode(),
        limits=describe_limits(user, now=now),
        groups=describe_groups() if any(incident.work.is_assessment for incident in incidents) else [],
        rules=describe_rules(),
        methods={method.value: str(method.label) for method in TraceMethod},
        countries=dict(country_names("en")),
        labels={code.value: str(code.label) for codes in (ContentWarning, CheckOutcome) for code in codes},
    )
    lines = [seal_line(line.as_bytes(), secret=secret, to=to, typ=Typ.BATCH) for line in (head, *incidents)]
    return "".join(f"{line}\n" for line in lines).encode()


# --- Code lists and rules --------------------------------------------------------------------------


def describe_groups() -> list[CodeGroup]:
    """The groups of the assessment form in its order, each option with its definition."""
    form = Assess()
    groups = []
    for group in CHOICE_GROUPS:
        field = cast("CodeField | CodeSetField", form.fields[group.field])
        codes = cast(Radios, field.widget).codes
        asked_if, _equals, values = group.asked_if.partition("=")
        groups.append(
            CodeGroup(
                field=group.field,
                label=str(field.label),
                help=str(field.help_text),
                key=group.key,
                several=isinstance(field, CodeSetField),
                folded=group.is_folded,
                clearable=("", "–") in list(cast("list[tuple[str, str]]", field.choices)),
                initial=str(field.initial or ""),
                asked_if={asked_if: values.split()} if asked_if else {},
                options=[_describe_option(code) for code in codes],
            )
        )
    return groups


def _describe_option(code: TextChoices) -> CodeOption:
    verdicts = [verdict.value for verdict, reasons in REASONS.items() if code in reasons]
    return CodeOption(
        code=str(code.value),
        label=str(code.label),
        definition=definition_of(code),
        only_for=verdicts if isinstance(code, Reason) else [],
    )


def describe_rules() -> list[TaxonomyRule]:
    """The rules of `Assess.clean`, as data; a test compares the two."""
    illegal, others = [Verdict.ILLEGAL.value], [verdict.value for verdict in Verdict if verdict != Verdict.ILLEGAL]
    return [
        TaxonomyRule(
            field="verdict",
            codes=illegal,
            required=["severity"],
            empty=["reason"],
            message=_("An illegal verdict needs a severity, and has no reason."),
        ),
        TaxonomyRule(
            field="severity",
            codes=[severity.value for severity in SHOWS_CHILD],
            required=[*Assess.OF_CHILD],
            message=_("This severity needs age and sex."),
        ),
        TaxonomyRule(
            field="severity",
            codes=[severity.value for severity in SHOWS_NO_CHILD],
            empty=[*Assess.OF_CHILD],
            message=_("This severity shows no child, so it has no age and sex."),
        ),
        TaxonomyRule(
            field="verdict",
            codes=others,
            required=["reason"],
            empty=[*Assess.CLASSIFICATION],
            message=_("A verdict other than illegal needs a reason, and has no severity, age and sex."),
        ),
        TaxonomyRule(
            field="severity",
            codes=[Severity.PROHIBITED.value],
            contains={"flags": Flag.DRAWN.value},
            message=_("Prohibited images are non-photographic. Add the flag “virtual or drawn”."),
        ),
        TaxonomyRule(
            field="commerciality",
            codes=["commercial"],
            unless=True,
            empty=["payment"],
            message=_("Only for commercial content. Clear this field or choose “commercial”."),
        ),
    ]


def describe_limits(user: User, *, now: datetime) -> WelfareLimits:
    """The limits of `user` from now on; while they continue past one, until that ends."""
    status = exposure_status(user, now=now)
    until = status.day.continued_until if status.is_continuing else None
    budget = until - now if until else max(timedelta(0), status.limits.budget - status.exposed_for)
    return WelfareLimits(
        budget=int(budget.total_seconds()),
        break_after=int(status.limits.break_after.total_seconds()),
        since_break=0 if until else int(status.since_break.total_seconds()),
        break_length=number_in_force("BREAK_MINUTES") * 60,
        cut_off=until or status.cut_off_today,
        hide_after=number_in_force("VEIL_MINUTES") * 60,
        severe_in_a_row=settings.MOST_SEVERE_IN_A_ROW,
        site_in_a_row=settings.MOST_OF_A_SITE_IN_A_ROW,
    )


# --- Incidents -------------------------------------------------------------------------------------


def _describe_incidents(batch: Batch, items: list[BatchItem], user: User, *, now: datetime) -> Iterator[BatchIncident]:
    blanks, sites = Blanks.load(), dict[bytes, int]()
    found_out = [item.incident_id for item in items if item.kind in FINDINGS]
    chases = {chase.incident_id: chase for chase in Chase.objects.open().filter(incident__in=found_out)}
    counted = count_checks(chases.values())
    for item in items:
        incident, kind = item.incident, BatchKind(item.kind)
        opened = contents.batch_address(incident)
        if opened is None:
            # Erased since it was drawn. Numbers may be missing in a file; its header counts what follows.
            continue
        reports, more = reports_of(incident, user)
        places, texts = describe_reports(reports, blanks)
        site = bytes(incident.site_fingerprint)
        yield BatchIncident(
            kind="incident",
            batch=batch.pk,
            number=item.number,
            item=item.pk,
            incident=str(incident),
            work=kind,
            asked=tasks_of(kind, chases.get(incident.pk), now=now),
            address=opened.normalised,
            site=sites.setdefault(site, len(sites) + 1) if site else 0,
            warnings=[warning for warning in ContentWarning if warning in incident.notices],
            warnings_of_site=[warning for warning in ContentWarning if warning in notices_of_site(incident)],
            found_on=next((place for place in places if place != FoundOn.NOT_DETERMINED), ""),
            reports=texts,
            more_reports=more,
            history=_history_of(incident, user),
            suggested=_suggestion_for(incident, user) if kind == BatchKind.TRACES else None,
            checks=counted.get(incident.pk),
            words_first=shows_words_at_once(incident) or None,
        )


def tasks_of(kind: BatchKind, chase: Chase | None, *, now: datetime) -> list[WorkstationTask]:
    """The questions besides a verdict: for an incident to trace, its check too if that is due."""
    match kind:
        case BatchKind.FIRST | BatchKind.SECOND:
            return []
        case BatchKind.TRACES:
            return ["trace", "available"] if chase and rules.check_wanted_at(chase) <= now else ["trace"]
        case BatchKind.CHECKS:
            return ["available"]
        case _:
            assert_never(kind)


def count_checks(chases: Collection[Chase]) -> dict[uuid.UUID, ChecksSoFar]:
    """By incident, the checks of its open chase. One query."""
    since = {chase.incident_id: rules.verdict_minute(chase.since) for chase in chases}
    checks: dict[uuid.UUID, list[tuple[datetime, str]]] = {incident: [] for incident in since}
    rows = AvailabilityCheck.objects.filter(incident__in=since).order_by("recorded_at")
    for incident, at, outcome in rows.values_list("incident", "at", "outcome"):
        if at >= since[incident]:
            checks[incident].append((at, outcome))
    counted = {incident: rules.count_removed_checks(of_incident) for incident, of_incident in checks.items()}
    needed = number_in_force("GONE_CHECKS")
    return {
        incident: ChecksSoFar(in_a_row=removed.in_a_row, needed=needed, counts_from=removed.next_counts_at)
        for incident, removed in counted.items()
    }


def _suggestion_for(incident: Incident, user: User) -> SuggestedHosting | None:
    place = suggest_place(incident.traces.select_related("provider"), summarise_host(incident, user))
    return SuggestedHosting(**place._asdict()) if place else None


def _history_of(incident: Incident, user: User) -> list[HostHistory]:
    return [
        HostHistory(
            number=str(other),
            last_reported=f"{other.last_sighted:%Y-%m-%d}",
            verdict=verdict_label(other.verdict),  # type: ignore[attr-defined] # annotated
        )
        for other in find_related(incident, user, (), [Relation.HOST]).get(Relation.HOST, [])
    ]

"""Every field of every model is classified, so no data is stored without a decision."""

import re
from collections import Counter

from django.apps import apps
from django.db import models

from audit.event_fields import EVENT_FIELDS
from countries.staff.document.portal_document import LISTS, NAME_FIELDS
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES
from portal_site.environment import PROJECT
from reports.privacy import KEPT

OWN_APPS = ("audit", "countries", "reports", "analysts")

# Not about reporters: operators' publications, staff accounts, and staff's actions. Kept while the portal is open, the
# account exists, and as long as the audit log is required.
OTHER = {
    "countries.portal": {
        *PORTAL_FIELD_NAMES, "id", "state", "emergency_suspended", "opens_on", "test_code", "tested_on",
        "opening_missed_on",
    },
    "countries.picture": {"digest", "content", "media_type", "width", "height"},
    "countries.approvalrequest": {
        "id", "kind", "portal", "account", "group", "service", "language", "setting", "source", "log_id", "payload",
        "digest", "reason", "requested_by", "requested_at", "expires_at", "announced_at", "state",
        "decided_by", "decided_at",
    },
    "countries.emergencysuspension": {
        "id", "portal", "reason", "suspended_by", "suspended_at", "alarmed_at", "outcome", "decided_by", "decided_at",
    },
    "countries.withdrawnitem": {"id", "kind", "key", "digest", "stand_in"},
    "countries.withdrawal": {
        "id", "portal", "kind", "key", "digest", "name", "stand_in", "is_at_once", "reason", "withdrawn_by",
        "withdrawn_at", "alarmed_at", "outcome", "decided_by", "decided_at",
    },
    "countries.banner": {"id", "ready_text", "words", "shown_until"},
    "countries.installationmode": {
        "id", "kind", "reason", "ready_text", "words", "started_by", "started_at", "approved_by", "approved_at",
        "ends_at", "ended_by", "ended_at",
    },
    "countries.decidedsetting": {"name", "value", "effective_at", "previous", "ends_at", "returns_to"},
    "countries.settingchange": {
        "id", "setting", "value", "previous", "reason", "changed_by", "approved_by", "changed_at", "effective_at",
    },
    "countries.portalgroup": {"id", "name", "portals"},
    # Partner organisations' systems that send reports; what only their repeated requests need.
    "countries.source": {"id", "name", "kind", "portal", "quota", "decided", "actionable", "is_late"},
    "countries.sourcekey": {"id", "source", "prefix", "digest", "expires_on", "opened_on", "closed_on", "used_on"},
    "reports.sourcerequest": {"id", "source", "key_digest", "body_digest", "answer", "received_on"},
    "reports.sourceday": {"id", "source", "day", "addresses"},
    # Interface texts with those who translated and reviewed them: as long as the audit log names them.
    "countries.approvedtext": {"id", "language", "digest", "context", "singular", "plural", "forms"},
    "countries.interfacetranslation": {
        "id", "language", "digest", "context", "singular", "plural", "forms", "state", "is_machine_made",
        "translated_by", "translated_at", "reviewed_by", "reviewed_at", "change_reason", "reason",
    },
    "countries.glossaryterm": {"id", "language", "term", "translation", "note"},
    "countries.languagerole": {"id", "account", "language", "is_reviewer"},
    "countries.language": {
        "id", "tag", "name", "english_name", "direction", "plural_rule", "digits", "font_note", "personal_words",
        "shows_words", "is_open",
    },
    "countries.languagereview": {
        "id", "language", "digest", "reviewed_by", "reviewed_on", "recorded_by", "recorded_at", "confirmed_by",
    },
    "countries.portaltext": {"id", "portal", *LISTS["texts"][1]},
    "countries.textreview": {"id", "text", "part", "digest", "reviewed_by", "reviewed_on", "recorded_by"},
    # Which operator checked a contact, when and how.
    "countries.contactcheck": {"id", "contact", "on", "by", "how", "words", "phone", "website"},
    "countries.contactreminder": {"id", "month"},
    "countries.contact": {"id", "portal", *LISTS["contacts"][1]},
    "countries.contacttext": {"id", "contact", *NAME_FIELDS},
    "countries.partner": {"id", "portal", *LISTS["partners"][1]},
    "countries.partnertext": {"id", "partner", *NAME_FIELDS},
    # Protected counts of quarters and years.
    "countries.publishedstatistics": {"period", "last_day", "published_on", "figures", "digest"},
    "countries.helpservice": {
        "id", "key", "kind", "name", "phone", "website", "countries", "min_age", "max_age", "languages", "source",
        "verified_on", "verified_by", "verified_digest", "position",
    },
    "analysts.user": {
        "id", "password", "last_login", "username", "name", "desk_name", "email", "role", "portals", "language",
        "is_active", "unconfirmed", "session_round", "all_portals", "portal_groups", "seen_at",
        # Who may be a second person.
        "unchanged_since", "is_vouched_for",
    },
    # Which officer opens the inbox of which recipient.
    "analysts.recipientaccess": {
        "user", "recipient", "confirmed_on", "confirmed_by", "suspended_at", "suspended_by",
    },
    # Who could see which portal, and since when a portal is without analysts.
    "analysts.portalgrant": {"id", "user", "portal", "at", "until"},
    "analysts.coveragegap": {"id", "portal", "language", "since"},
    # Mails that wait, and the worker.
    "analysts.alarm": {"kind", "raised_at", "raised", "attempts", "next_try_at", "failed_at"},
    "analysts.workerheartbeat": {"id", "at"},
    # Watched by administrators: the machine, and the types of errors.
    "analysts.hostreading": {"id", "kind", "name", "number", "total", "moment", "read_at"},
    "analysts.jobfailure": {"job_id", "task", "error", "at"},
    # Drafts by staff: kept until sent, or for a few days.
    "analysts.draft": {"id", "incident", "by", "act", "at", "key", "sealed"},
    "analysts.skip": {"id", "incident", "by", "at"},
    # Words about providers for publication.
    "analysts.providersheet": {
        "id", "period", "provider", "statement", "statement_by", "released_by", "released_at", "withdrawn_by",
        "withdrawn_at", "withdrawal",
    },
    "analysts.independencestatement": {"id", "text"},
    # An appeal of a recipient: codes only.
    "analysts.appeal": {
        "id", "incident", "appellant", "received_at", "reply", "entered_by", "outcome", "reason", "reviewed_by",
        "reviewed_at", "revealed_to", "unseen_reason", "letter",
    },
    # An address that staff entered; the incident keeps it sealed.
    "analysts.enteredaddress": {
        "id", "incident", "portal", "origin", "by", "entered_hour", "in_danger", "merged_from",
    },
    # How often a member of staff searched in the last hour.
    "analysts.searchcount": {"user", "hour", "searches", "refused_hour"},
    # Staff's exposure, and their display preferences; no incident is named.
    "analysts.exposure": {
        "id", "user", "day", "seconds", "since_break", "open_since", "reveals", "decisions", "skips", "breaks",
        "break_until", "continued", "continued_until", "avoids", "addresses_read", "addresses_copied", "alarmed_at",
        "characters_read",
        "passed_limit",
    },
    # Colleagues and counsellors, as the welfare lead enters them.
    "analysts.supportcontact": {"id", "kind", "name", "reach", "weekday"},
    "analysts.displaypreferences": {
        "user", "greys", "type_size", "density", "time_zone", "budget_minutes", "break_after_minutes", "cut_off",
        "weekly_note", "counselled_on",
    },
    # Filters of a list under a name, of staff.
    "analysts.savedview": {"id", "owner", "name", "query", "is_shared", "at"},
    "analysts.maskedterm": {"id", "text", "by", "at"},
    "analysts.agreement": {"id", "month", "first", "second", "number"},
    "analysts.codecorrection": {"id", "scheme", "code", "target", "by", "at"},
    # Counts by day and of open work, of which no row is about one report; and how far they are counted.
    "analysts.dailyfigure": {"id", "day", "is_month", "subject", "dimension", "value", "portal", "number", "key"},
    "analysts.workgauge": {"id", "kind", "portal", "hours", "number"},
    "analysts.figureprogress": {"id", "counted_from", "counted_until", "first_count_at"},
    "analysts.periodclose": {
        "period", "figures", "digest", "closed_by", "closed_at", "confirmed_by", "confirmed_at",
    },
    "analysts.figuretarget": {"id", "assess_hours", "removal_hours"},
    # Until a day after the last attempt; no row names an account.
    "analysts.delay": {"bucket", "failures", "until", "unrecorded"},
    "analysts.entrycode": {"user", "first_half", "second_half", "until"},
    # Recipients, notices and replies; members of the URL list; and batches for the isolated workstation.
    "analysts.recipient": {
        "proposed_email", "proposed_source", "proposed_by", "proposed_at",
        "id", "kind", "name", "country", "channel", "email", "form_address", "phone", "defang", "languages",
        "time_zone", "works_from", "works_until", "workdays", "blocked_days", "source", "verified_on",
        "verified_by", "verified_digest", "changed_by", "changed_at", "closed_on", "refusals_alarmed_on",
    },
    # Law that letters cite, and who sends them.
    "analysts.legaltext": {
        "id", "kind", "name", "countries", "severities", "flags", "recipients", "texts", "source", "checked_by",
        "checked_on", "is_active", "verified_digest",
    },
    "analysts.senderidentity": {
        "id", "name", "version", "country", "portals", "coordinator", "list_id", "area", "awarded_on", "valid_from",
        "valid_until", "suspended_from", "suspended_until", "by", "at",
    },
    "analysts.routerule": {"id", "position", "hosted", "countries", "steps", "after_hours", "reason", "is_active"},
    "analysts.routeexample": {"id", "country", "steps"},
    "analysts.noticetemplate": {"id", "kind", "purpose", "language", "version", "subject", "body", "by", "at"},
    "analysts.notice": {
        "id", "reference", "recipient", "purpose", "state", "template", "message_id", "link", "by",
        "made_at", "scheduled_at", "attempts", "tried_at", "next_try_at", "sent_at", "sent_by", "dead_reason",
        "dead_code", "link_read_at", "sender", "answers", "appeal", "topic", "letter_values",
    },
    "analysts.reply": {
        "answer", "notice", "kind", "received_at", "read_by", "read_at", "action", "ground", "is_automated",
        "redress_told", "entered_by", "numbers", "case_number", "confirmation", "confirmed_by", "confirmed_at",
    },
    "analysts.urlliststate": {"id", "version"},
    "analysts.memberkey": {
        "id", "member", "prefix", "digest", "scope", "expires_on", "by", "at", "closed_on", "closed_by",
        "used_on", "hour", "full_lists", "pages",
    },
    "analysts.workstation": {"id", "name", "public_key", "sealing_key", "by", "at", "closed_on"},
    "analysts.batch": {"id", "by", "workstation", "state", "at", "until", "ended_at", "ended_by"},
    "analysts.addressallowance": {"id", "by", "day", "number", "at", "state", "decided_by", "decided_at"},
    # Tables that a person ordered: sealed for them, erased when fetched or after a day.
    "analysts.export": {
        "id", "by", "subject", "format", "columns", "query", "has_addresses", "addresses", "state", "problem", "at",
        "until", "ended_at", "run", "active_at", "total", "written", "size", "portals",
    },
    "analysts.exportpart": {"pk", "export", "number", "key_id", "sealed"},
    # A file of a former system until it is imported, and what was decided about it.
    "analysts.historyimport": {
        "id", "source", "format", "portal", "digest", "rows", "ignored_columns", "parts_done", "codes", "mapping",
        "counts", "refusals", "kept", "state", "prepared_by", "prepared_at", "requested_by", "requested_at",
        "approved_by", "approved_at", "imported_at", "undone_by",
    },
    "analysts.historypart": {"pk", "source_import", "number", "key_id", "sealed"},
    "reports.noticelink": {"id", "expires_on", "sealed"},
    "reports.noticeanswer": {"id", "link", "received_at", "key", "digest", "sealed", "taken_in"},
    # Whose an id in the audit log is: until it left and all periods are over.
    "audit.logid": {"value", "account"},
    "audit.streamposition": {"id", "number"},
    "audit.auditevent": {field.name for field in EVENT_FIELDS},
}  # fmt: skip


def test_every_field_is_classified_once() -> None:
    classified = Counter(field for row in KEPT for field in row.fields)
    classified.update(f"{model}.{field}" for model, fields in OTHER.items() for field in fields)
    existing = Counter(
        f"{model._meta.label_lower}.{field.name}"
        for app in OWN_APPS
        for model in apps.get_app_config(app).get_models()
        for field in [*model._meta.fields, *model._meta.many_to_many]
    )

    assert classified == existing


def test_ids_of_rows_about_reports_tell_no_order() -> None:
    """Counted ids would give back the order of arrival within the hour that is all that is kept of a time."""
    about_reports = {tuple(field.split(".")[:2]) for row in KEPT for field in row.fields}
    counted = [
        model._meta.label
        for model in apps.get_models()
        if (model._meta.app_label, model._meta.model_name) in about_reports
        and isinstance(model._meta.pk, models.AutoField)
    ]
    # An hourly count: no row of it is about one report.
    assert counted == ["analysts.PortalHour"]


def test_all_texts_state_the_same_exception_to_erasure() -> None:
    """Fingerprints outlive what they were computed from: the promise, the guide and the public page say so alike."""
    [entry] = [entry for entry in KEPT if any(field.endswith(".fingerprint") for field in entry.fields)]
    guide = (PROJECT / "docs/guides/keys-and-erasure.md").read_text()
    _, _, rest = guide.partition("## What erasure leaves\n")
    section, _, _ = rest.partition("\n## ")
    promise = (PROJECT / "SECURITY.md").read_text().partition("**Fingerprints.**")[2].partition("\n\n")[0]
    columns = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("analysts").get_models()
        for field in model._meta.fields
        if isinstance(field, models.BinaryField) and re.search(r"fingerprint$|^shape$|^flood$", field.name)
    }
    # Text, of a host or site half of its fingerprint.
    columns.add("IncidentFacet.value")
    texts = {
        "page": f"{entry.what} {entry.until}",
        "guide": section,
        "SECURITY.md": promise,
    }
    facts = (
        "Fingerprints", "address", "web site", "page where it was found", "similar reports have in common", "words",
        "erased", "Nothing can be read from", "anyone", "the database", "key", "can test whether an address or a text",
        "already know", "was reported",
    )  # fmt: skip

    assert set(re.findall(r"`([A-Z]\w+\.\w+)`", section)) == columns
    assert {field.split(".", 1)[1] for field in entry.fields} == {
        column.lower() for column in columns if column.startswith(("Incident.", "Sighting.", "HistoryRow."))
    }
    assert [(name, fact) for name, text in texts.items() for fact in facts if fact not in " ".join(text.split())] == []
    for name in ("guide", "SECURITY.md"):
        assert "never changed or destroyed" in " ".join(texts[name].split()), name

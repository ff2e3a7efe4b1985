"""The one settings file. Every variable it reads from the environment is described beside its reader.

A secret may also be in a file: `NAME_FILE=/run/secrets/name` is read where `NAME` is asked for (django-environ's
FileAwareEnv). A missing or wrong value stops the process with a sentence that names the variable.
"""

import os
import re
from email.utils import parseaddr
from pathlib import Path
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from countries.reading_hours import EXAMPLE, parse_hours
from portal_site.hotline_mark import DEMO_MARK, check_mark
from portal_site.languages import find_languages
from portal_site.recorded_environment import RecordedEnv

BASE_DIR = Path(__file__).resolve().parent.parent
env = RecordedEnv()


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    value: str = env.str(name, default=default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(allowed)}.")
    return value


def read_bounded_int(name: str, *, default: int, floor: int, ceiling: int) -> int:
    value: int = env.int(name, default=default)
    env.bounds[name] = (floor, ceiling)
    if not floor <= value <= ceiling:
        raise ImproperlyConfigured(f"{name} must be between {floor} and {ceiling}.")
    return value


# --- What this process is -------------------------------------------------------------------------

# SURFACE: `public` (reporters' pages and nothing else), `staff` (sign-in, queue, operators' admin), `sources` (reports
# from the systems of partner organisations) or `all` (the first two in one process: for trying it out and for tests).
SURFACE = one_of("SURFACE", ("public", "staff", "sources", "all"), "all")
PUBLIC = SURFACE in ("public", "all")
STAFF = SURFACE in ("staff", "all")

# DEMO: 1 marks every page as a demonstration, shows unverified contacts as samples, publishes states each minute.
DEMO: bool = env.bool("DEMO", default=False)

# DEBUG: 1 shows Django's own error pages. They print what reporters typed, so only the demo may have them.
DEBUG: bool = env.bool("DEBUG", default=False)
if DEBUG and not DEMO:
    raise ImproperlyConfigured("DEBUG=1 prints what reporters typed; it is accepted together with DEMO=1 only.")

# DATA_DIR: where the embedded PostgreSQL, the demo's keys and collected static files live.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
# Exists while the year of a demonstration is being loaded, and says how many percent are there (`portal_site.demo`).
DEMO_LOADING = DATA_DIR / "loading"

# SECRET_KEY: signs form tokens (public) and sessions (staff); at least 50 characters, another one for each surface.
SECRET_KEY: str = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters.")
# SECRET_KEY_FALLBACKS: earlier keys, separated by commas, so that forms open during a change still work.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])

# KEYRING: the folder of sealing keys, `public/` and (never on the public surface) `private/`.
KEYRING = Path(env.str("KEYRING", default=str(DATA_DIR / "keyring"))).resolve()

# ALLOWED_HOSTS: host names this process answers to, separated by commas.
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# CSRF_TRUSTED_ORIGINS: origins of the staff host behind a proxy that ends TLS, with scheme.
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# HTTPS: 1 when visitors reach this process through https; cookies are then marked secure.
HTTPS: bool = env.bool("HTTPS", default=False)

# PUBLIC_URL: where the public finds the portals, such as https://report.example.org; printed on posters and cards, and
# in notices, by the staff surface, which does not know it otherwise. Empty: the launch kit asks for it, and no notice
# can leave, as its recipient could not answer. On the public surface it completes what chats show of a shared link.
PUBLIC_URL: str = env.str("PUBLIC_URL", default="").rstrip("/")
if PUBLIC_URL and not PUBLIC_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("PUBLIC_URL must start with https:// or http://.")

# STAFF_URL: where staff sign in, such as https://staff.example.org; the link in mails to staff. Empty: no link.
STAFF_URL: str = env.str("STAFF_URL", default="").rstrip("/")
if STAFF_URL and not STAFF_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("STAFF_URL must start with https:// or http://.")

# --- Limits for reporters and staff ---------------------------------------------------------------

# REQUIRE_MFA: staff must have a passkey or an authenticator app before they see anything; off only in the demo.
REQUIRE_MFA: bool = env.bool("REQUIRE_MFA", default=not DEMO)

# PUBLISH_EVERY: how often public states are published: `day` (never on the day of the report) or `minute`.
PUBLISH_EVERY = one_of("PUBLISH_EVERY", ("day", "minute"), "minute" if DEMO else "day")

# ALERT_EMAILS: recipients of the alert, a mail with a count and nothing else, that a child may be in danger now, or
# that a portal gets far more reports than usual (at most once a day for each portal).
ALERT_EMAILS: list[str] = env.list("ALERT_EMAILS", default=[])

# CONTACT_CHECK_DAYS: contacts of portals that were last checked longer ago are shown, and mailed monthly, to operators.
CONTACT_CHECK_DAYS = read_bounded_int("CONTACT_CHECK_DAYS", default=180, floor=30, ceiling=365)

# ANCHOR_FILE: a file to which the worker adds a signed line an hour, `hour number:hash` of the newest audit event, once
# the log was checked against earlier lines; empty for none. Copy it to a place that the database's owner cannot write
# to: only such a copy shows that the log was rewritten or cut off.
ANCHOR_FILE: str = env.str("ANCHOR_FILE", default=str(DATA_DIR / "anchors") if DEMO and STAFF else "")
# ANCHOR_EMAILS: recipients of the same line by mail each hour, with or without the file.
ANCHOR_EMAILS: list[str] = env.list("ANCHOR_EMAILS", default=[])

# AUDIT_STREAM: where the worker sends each audit event as a JSON line, for a SIEM: `file:/path` or `socket:/path` (a
# Unix socket). Empty for none.
AUDIT_STREAM: str = env.str("AUDIT_STREAM", default="")
if AUDIT_STREAM and not re.fullmatch(r"(file|socket):/.+", AUDIT_STREAM):
    raise ImproperlyConfigured(f"AUDIT_STREAM={AUDIT_STREAM!r} is neither file:/path nor socket:/path.")

# CLAIM_MINUTES: how long a claim lasts before the incident goes back to the queue.
CLAIM_MINUTES = read_bounded_int("CLAIM_MINUTES", default=30, floor=5, ceiling=480)

# BATCH_HOURS: how long a batch may stay on the isolated workstation before its incidents go back to the queue.
BATCH_HOURS = read_bounded_int("BATCH_HOURS", default=8, floor=1, ceiling=24)
# FILE_ADDRESSES: addresses in clear that one person may put into files, or copy, a day. Above it, a senior analyst who
# is another person agrees.
FILE_ADDRESSES = read_bounded_int("FILE_ADDRESSES", default=100, floor=1, ceiling=1000)
# REVEALS_A_DAY: addresses that one person may reveal on pages and in notices a day before senior analysts and auditors
# are alarmed; nothing is refused. A day of 240 minutes of revealed material is 133 reports at the IWF's 108 seconds a
# report (2024); the default is twice that, with room for related addresses.
REVEALS_A_DAY = read_bounded_int("REVEALS_A_DAY", default=300, floor=20, ceiling=5000)

# UNDO_MINUTES: how long the person who made a decision may undo it.
UNDO_MINUTES = read_bounded_int("UNDO_MINUTES", default=10, floor=1, ceiling=60)

# SEARCHES_AN_HOUR: how often one analyst may search in an hour; seniors are notified when a search is refused.
SEARCHES_AN_HOUR = read_bounded_int("SEARCHES_AN_HOUR", default=60, floor=10, ceiling=1000)

# APPEALS_WAIT: whether the URL list entry and the notices of an incident wait while an appeal is reviewed.
APPEALS_WAIT: bool = env.bool("APPEALS_WAIT", default=False)

# APPROVAL_DAYS: days after which an approval request that no second person has decided expires without effect.
APPROVAL_DAYS = read_bounded_int("APPROVAL_DAYS", default=14, floor=1, ceiling=90)

# REOPEN_DAYS: an address found not illegal or outside remit is reopened at most once in so many days because it is
# reported again.
REOPEN_DAYS = read_bounded_int("REOPEN_DAYS", default=7, floor=1, ceiling=365)

# SECOND_REVIEW_VERDICTS: verdicts that always need a second, blind review, separated by commas: illegal, not_illegal,
# not_assessed, outside_remit. SECOND_REVIEW_PERCENT: the share of all others that gets one at random. Both need two or
# more analysts for each portal, and a senior analyst besides for disagreements.
SECOND_REVIEW_VERDICTS: list[str] = env.list("SECOND_REVIEW_VERDICTS", default=[])
if unknown := set(SECOND_REVIEW_VERDICTS) - {"illegal", "not_illegal", "not_assessed", "outside_remit"}:
    raise ImproperlyConfigured(f"SECOND_REVIEW_VERDICTS contains unknown verdicts: {', '.join(sorted(unknown))}.")
SECOND_REVIEW_PERCENT = read_bounded_int("SECOND_REVIEW_PERCENT", default=10 if DEMO else 0, floor=0, ceiling=100)

# MOST_VIOLENT_IN_A_ROW, MOST_VIOLENT_A_DAY, MOST_YOUNG_IN_A_ROW, MOST_YOUNG_A_DAY, MOST_SEVERE_IN_A_ROW,
# MOST_OF_A_SITE_IN_A_ROW: after so many with violence, with very young children, of category A, or of one site, the
# queue and batches give the same analyst a different incident next.
MOST_VIOLENT_IN_A_ROW = read_bounded_int("MOST_VIOLENT_IN_A_ROW", default=2, floor=1, ceiling=100)
MOST_VIOLENT_A_DAY = read_bounded_int("MOST_VIOLENT_A_DAY", default=10, floor=1, ceiling=300)
MOST_YOUNG_IN_A_ROW = read_bounded_int("MOST_YOUNG_IN_A_ROW", default=3, floor=1, ceiling=100)
MOST_YOUNG_A_DAY = read_bounded_int("MOST_YOUNG_A_DAY", default=20, floor=1, ceiling=300)
MOST_SEVERE_IN_A_ROW = read_bounded_int("MOST_SEVERE_IN_A_ROW", default=3, floor=1, ceiling=100)
MOST_OF_A_SITE_IN_A_ROW = read_bounded_int("MOST_OF_A_SITE_IN_A_ROW", default=10, floor=1, ceiling=1000)

# BULK_UNDO_HOURS: how long the closing of many similar reports may be undone.
BULK_UNDO_HOURS = read_bounded_int("BULK_UNDO_HOURS", default=48, floor=1, ceiling=720)

# --- Takedown: where cases are routed after the verdict, and how often recipients are reminded -----

# HOTLINE_COUNTRY: the hotline's own country (ISO 3166-1 alpha-2). Content hosted there needs no other hotline, and the
# country's police are asked first where the rules say so.
HOTLINE_COUNTRY: str = env.str("HOTLINE_COUNTRY", default="GB").upper()
if not re.fullmatch(r"[A-Z]{2}", HOTLINE_COUNTRY):
    raise ImproperlyConfigured(f"HOTLINE_COUNTRY={HOTLINE_COUNTRY!r} is not two letters (ISO 3166-1 alpha-2).")
# HOTLINE_NAME: the name with which the hotline signs notices. Without it no notice is sent whose text contains it. On
# the public surface it heads the page on which recipients answer, and every page says that it runs the portals.
HOTLINE_NAME: str = env.str("HOTLINE_NAME", default="Example Hotline" if DEMO else "")
# HOTLINE_WEBSITE, HOTLINE_CONTACT, HOTLINE_COMPLAINTS: the hotline's web site, and where the public reaches it and
# complains about it: `mailto:` or `https:` addresses, shown on every public page; letters name the first. Each may be
# empty.
HOTLINE_WEBSITE: str = env.str("HOTLINE_WEBSITE", default="https://hotline.example/" if DEMO else "")
HOTLINE_CONTACT: str = env.str("HOTLINE_CONTACT", default="mailto:contact@hotline.example" if DEMO else "")
HOTLINE_COMPLAINTS: str = env.str("HOTLINE_COMPLAINTS", default="mailto:complaints@hotline.example" if DEMO else "")
for _name, _address in {
    "HOTLINE_WEBSITE": HOTLINE_WEBSITE,
    "HOTLINE_CONTACT": HOTLINE_CONTACT,
    "HOTLINE_COMPLAINTS": HOTLINE_COMPLAINTS,
}.items():
    if _address and not _address.startswith(("mailto:", "https://")):
        raise ImproperlyConfigured(f"{_name} must be a mailto: or https: address.")
# HOTLINE_TEAM, HOTLINE_TELEPHONE: under which team's name letters are signed, such as "Notice and takedown team" and
# never a person's, and the number that a recipient rings. Without them letters name none.
HOTLINE_TEAM: str = env.str("HOTLINE_TEAM", default="Notice and takedown team" if DEMO else "")
HOTLINE_TELEPHONE: str = env.str("HOTLINE_TELEPHONE", default="+44 20 7946 0000" if DEMO else "")
# HOTLINE_MARK: the hotline's mark, shown beside its name: a plain SVG of at most 2,000 bytes with width and height,
# without scripts, styles and links. HOTLINE_MARK_FILE names the file.
HOTLINE_MARK = check_mark(env.str("HOTLINE_MARK", default=DEMO_MARK if DEMO else ""))
# NETWORKS_FILE: a file in the MaxMind DB format with countries, networks or both, supplied by the operator; or two, one
# with countries and one with networks, separated by a comma. Read to complete a trace; without it that method is not
# offered.
NETWORKS_FILE: list[str] = env.list("NETWORKS_FILE", default=[])
# NETWORKS_DAYS: maximum age of such a file. Networks change hands: an old one sends notices to the wrong country.
NETWORKS_DAYS = read_bounded_int("NETWORKS_DAYS", default=60, floor=7, ceiling=365)
# NOTICE_GROUP_MINUTES: how long addresses for one recipient are collected before they are sent in one notice.
NOTICE_GROUP_MINUTES = read_bounded_int("NOTICE_GROUP_MINUTES", default=1 if DEMO else 60, floor=0, ceiling=1440)
# NOTICE_ATTEMPTS: how often a notice is offered to a mail server that does not accept it, after 1, 2, 4 ... minutes and
# finally every six hours: 16 attempts are two days. Then a person decides.
NOTICE_ATTEMPTS = read_bounded_int("NOTICE_ATTEMPTS", default=16, floor=1, ceiling=100)
# NOTICE_LINK_DAYS: how long the link in a notice accepts replies.
NOTICE_LINK_DAYS = read_bounded_int("NOTICE_LINK_DAYS", default=90, floor=7, ceiling=365)
# CHASE_HOURS: one interval of the chase. The host is reminded after each, the site owner after each
# CHASE_OWNER_EVERY, the registrar after each CHASE_REGISTRAR_EVERY intervals.
CHASE_HOURS = read_bounded_int("CHASE_HOURS", default=24, floor=1, ceiling=168)
CHASE_OWNER_EVERY = read_bounded_int("CHASE_OWNER_EVERY", default=3, floor=1, ceiling=60)
CHASE_REGISTRAR_EVERY = read_bounded_int("CHASE_REGISTRAR_EVERY", default=6, floor=1, ceiling=60)
# CHASE_ESCALATE_AFTER: intervals without success after which an escalation is proposed.
CHASE_ESCALATE_AFTER = read_bounded_int("CHASE_ESCALATE_AFTER", default=7, floor=1, ceiling=60)
# CHECK_HOURS: hours between two availability checks on the isolated workstation.
CHECK_HOURS = read_bounded_int("CHECK_HOURS", default=24, floor=1, ceiling=168)
# GONE_CHECKS: how many checks in a row must find the content removed before the incident is closed.
GONE_CHECKS = read_bounded_int("GONE_CHECKS", default=3, floor=1, ceiling=10)
# REVIEW_DAYS_*: days after which an open illegal incident that waits for them is listed for review.
REVIEW_DAYS_POLICE = read_bounded_int("REVIEW_DAYS_POLICE", default=7, floor=1, ceiling=90)
REVIEW_DAYS_RECEIPT = read_bounded_int("REVIEW_DAYS_RECEIPT", default=2, floor=1, ceiling=90)
REVIEW_DAYS_RECIPIENT = read_bounded_int("REVIEW_DAYS_RECIPIENT", default=5, floor=1, ceiling=90)
REVIEW_DAYS_REPORTER = read_bounded_int("REVIEW_DAYS_REPORTER", default=7, floor=1, ceiling=90)
REVIEW_DAYS_COLLEAGUE = read_bounded_int("REVIEW_DAYS_COLLEAGUE", default=2, floor=1, ceiling=90)
# PRECISION_PERCENT: an alarm is raised about a provider that accepts less than this share of the addresses it decided
# about as illegal. No law names a number: Digital Services Act, Art. 22(6), speaks of "a significant number" of
# imprecise notices. More than one refusal in ten is no longer a dispute about single cases.
PRECISION_PERCENT = read_bounded_int("PRECISION_PERCENT", default=90, floor=50, ceiling=100)
# URL_LIST_REVIEW_DAYS: days between two reviews of an entry of the URL list.
URL_LIST_REVIEW_DAYS = read_bounded_int("URL_LIST_REVIEW_DAYS", default=30, floor=1, ceiling=365)

# SYSTEMIC_CASE_DAYS: days within which senior analysts answer a systemic case (“We should have acted and could not”).
# Later, it is a to-do.
SYSTEMIC_CASE_DAYS = read_bounded_int("SYSTEMIC_CASE_DAYS", default=14, floor=1, ceiling=90)

# --- Protection of analysts; each may set stricter limits for themselves -------------------------

# READING_HOURS: when analysts read reports, for public pages: days (1 for Monday), hours and their time zone, such as
# "1-5 09:00-17:00 Europe/London"; empty: pages say nothing of it.
READING_HOURS: str = env.str("READING_HOURS", default=EXAMPLE if DEMO else "")
if READING_HOURS:
    try:
        parse_hours(READING_HOURS)
    except ValueError:
        raise ImproperlyConfigured(f"READING_HOURS={READING_HOURS!r} is not like {EXAMPLE}.") from None

# EXPOSURE_MINUTES: minutes a day for which one person may see revealed material. The IWF allows 5 hours, INHOPE 4.
EXPOSURE_MINUTES = read_bounded_int("EXPOSURE_MINUTES", default=240, floor=10, ceiling=300)
# BREAK_AFTER_MINUTES, BREAK_MINUTES: after so many of these a break is due, and how long it is.
BREAK_AFTER_MINUTES = read_bounded_int("BREAK_AFTER_MINUTES", default=50, floor=5, ceiling=120)
BREAK_MINUTES = read_bounded_int("BREAK_MINUTES", default=10, floor=1, ceiling=60)
# CUT_OFF: after this time of day, HH:MM in WORK_TIME_ZONE, no new work is started; empty: no such time.
CUT_OFF: str = env.str("CUT_OFF", default="" if DEMO else "16:00")
if CUT_OFF and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", CUT_OFF):
    raise ImproperlyConfigured(f"CUT_OFF={CUT_OFF!r} is not a time of day such as 16:00.")
# WORK_TIME_ZONE: the time zone the analysts work in, such as Europe/London. `check --deploy` warns while it is UTC.
WORK_TIME_ZONE: str = env.str("WORK_TIME_ZONE", default="UTC")
if WORK_TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"WORK_TIME_ZONE={WORK_TIME_ZONE!r} is not a time zone such as Europe/London.")
# VEIL_MINUTES: minutes without a request after which revealed material is masked again.
VEIL_MINUTES = read_bounded_int("VEIL_MINUTES", default=15, floor=1, ceiling=60)
# COUNSELLING_DAYS, COUNSELLING_OVERDUE_DAYS: counselling is due so many days after the last session, and welfare leads
# see that it is overdue so many days after that.
COUNSELLING_DAYS = read_bounded_int("COUNSELLING_DAYS", default=30, floor=1, ceiling=365)
COUNSELLING_OVERDUE_DAYS = read_bounded_int("COUNSELLING_OVERDUE_DAYS", default=14, floor=0, ceiling=365)
# STAFF_GREYS (1: greys instead of colours), STAFF_TYPE_SIZE (normal, large, larger), STAFF_DENSITY (roomy, compact):
# defaults for the look of pages with revealed material, for staff who set no preference.
STAFF_GREYS: bool = env.bool("STAFF_GREYS", default=False)
STAFF_TYPE_SIZE = one_of("STAFF_TYPE_SIZE", ("normal", "large", "larger"), "normal")
STAFF_DENSITY = one_of("STAFF_DENSITY", ("roomy", "compact"), "roomy")

# --- Retention; docs/guides/keys-and-erasure.md describes the life of a key ------------------------------

# Days after an incident was closed, by type of data and by outcome. Not below the floor, so that the data is still
# there for a second review, a complaint or the police, nor above the ceiling: a key lives on for some weeks after them,
# and words must be gone within a year and addresses within five. The privacy page names the days that are set here.
# WORDS_DAYS_NOT_ACTIONED: reporters' text, and questions to them, of incidents without anything to act on.
WORDS_DAYS_NOT_ACTIONED = read_bounded_int("WORDS_DAYS_NOT_ACTIONED", default=30, floor=7, ceiling=300)
# WORDS_DAYS_ACTIONED: the same where the content was removed or every step was taken.
WORDS_DAYS_ACTIONED = read_bounded_int("WORDS_DAYS_ACTIONED", default=90, floor=7, ceiling=300)
# ADDRESSES_DAYS_NOT_ACTIONED: the reported address of incidents without anything to act on.
ADDRESSES_DAYS_NOT_ACTIONED = read_bounded_int("ADDRESSES_DAYS_NOT_ACTIONED", default=90, floor=30, ceiling=1750)
# ADDRESSES_DAYS_ACTIONED: the same where the content was removed or every step was taken.
ADDRESSES_DAYS_ACTIONED = read_bounded_int("ADDRESSES_DAYS_ACTIONED", default=365, floor=90, ceiling=1750)

# KEY_GRACE_DAYS: how long a key stays open after its month, for forms that are open and for clocks that differ.
KEY_GRACE_DAYS = read_bounded_int("KEY_GRACE_DAYS", default=3, floor=1, ceiling=14)
# KEY_REST_DAYS: days a key is kept after the data that outlives it was sealed again with a newer key. Back up the
# database in that time: data restored from an older backup could not be opened any more.
KEY_REST_DAYS = read_bounded_int("KEY_REST_DAYS", default=2, floor=1, ceiling=14)

# UNASSESSED_DAYS: incidents that wait longer than this are shown as overdue. They never expire.
UNASSESSED_DAYS = read_bounded_int("UNASSESSED_DAYS", default=30, floor=1, ceiling=365)

# SOURCE_SHARE_PERCENT: a partner organisation (source) of whose decided reports a smaller share was illegal has its
# reports later in the queue: as if they had come SOURCE_LATER_DAYS later, unless a child may be in danger. The share of
# a hotline that lets the public report is about a third; a platform that sends all it suspects has less.
SOURCE_SHARE_PERCENT = read_bounded_int("SOURCE_SHARE_PERCENT", default=10, floor=0, ceiling=90)
SOURCE_LATER_DAYS = read_bounded_int("SOURCE_LATER_DAYS", default=3, floor=1, ceiling=14)

# PORTAL_REPORTS_A_MINUTE, PORTAL_REPORTS_AT_ONCE: how many reports each process accepts for one portal before it asks
# reporters to wait: a bucket of so many permits, refilled at that rate (`reports/rate_limit.py`). A hotline that
# assesses 424,000 reports a year gets 0.8 a minute from all its portals together. So 60 a minute is 75 such hotlines
# through one portal, and 300 at once is what one gets in six hours: more than that is an attack, or caused by news.
# Beyond the limit no reporter is refused: they wait and may be asked a plain question. Each gunicorn worker counts
# separately.
PORTAL_REPORTS_A_MINUTE: int = env.int("PORTAL_REPORTS_A_MINUTE", default=60)
PORTAL_REPORTS_AT_ONCE: int = env.int("PORTAL_REPORTS_AT_ONCE", default=300)
# REPORTS_A_MINUTE, REPORTS_AT_ONCE: the same for all portals together. The rate of all processes is what intake takes
# in beside the analysts' work: two processes at the default are 40 a second. Raise it with INTAKE_PROCESSES and cores.
# The burst waits for intake at most as long as a few minutes take.
REPORTS_A_MINUTE: int = env.int("REPORTS_A_MINUTE", default=1200)
REPORTS_AT_ONCE: int = env.int("REPORTS_AT_ONCE", default=3000)
if min(PORTAL_REPORTS_A_MINUTE, PORTAL_REPORTS_AT_ONCE, REPORTS_A_MINUTE, REPORTS_AT_ONCE) < 1:
    raise ImproperlyConfigured(
        "PORTAL_REPORTS_A_MINUTE, PORTAL_REPORTS_AT_ONCE, REPORTS_A_MINUTE and REPORTS_AT_ONCE must be at least 1."
    )

# WAIT_SECONDS: how long the sender of a report waits then. It never grows, however long a flood lasts.
WAIT_SECONDS: int = env.int("WAIT_SECONDS", default=15)
if not 1 <= WAIT_SECONDS <= 60:
    raise ImproperlyConfigured("WAIT_SECONDS must be between 1 and 60.")

# SOURCE_URL: where the source code of this installation is offered, as the licence asks; shown in the footer.
SOURCE_URL: str = env.str("SOURCE_URL", default="")

# LEAVE_TO: where "Leave this page" leads on portals that name no page of their own, and on the network's pages: a
# harmless page that many people open, such as a weather report. LEAVE_TO= (empty) shows a neutral page of this site.
LEAVE_TO: str = env.str("LEAVE_TO", default="https://www.wikipedia.org/")
if LEAVE_TO and not LEAVE_TO.startswith(("https://", "http://")):
    raise ImproperlyConfigured(f"LEAVE_TO={LEAVE_TO!r} is not a web address.")

# HOTLINES_FILE: a file with the national hotlines of other countries that the installation has checked, in the format
# of countries/public/data/hotlines.toml, which it replaces. That list names unverified ones, so that outside the demo
# the network's home page shows none without such a file.
HOTLINES_FILE: str = env.str("HOTLINES_FILE", default="")
if HOTLINES_FILE and not Path(HOTLINES_FILE).is_file():
    raise ImproperlyConfigured(f"HOTLINES_FILE={HOTLINES_FILE!r} is not a file.")

# ONION_URL: the onion service of the public surface, `http://....onion` without a path. The privacy page names it, and
# Tor Browser offers to change over to it.
ONION_URL: str = env.str("ONION_URL", default="").rstrip("/")
if ONION_URL and not re.fullmatch(r"https?://[a-z2-7]{56}\.onion", ONION_URL):
    raise ImproperlyConfigured(f"ONION_URL={ONION_URL!r} is not http:// and an onion address of version 3.")

# SECURITY_CONTACT: contacts for security flaws, `mailto:` or `https:` addresses separated by commas; shown in
# /.well-known/security.txt, which is 404 without it.
SECURITY_CONTACT: list[str] = env.list("SECURITY_CONTACT", default=[])
if any(not contact.startswith(("mailto:", "https://")) for contact in SECURITY_CONTACT):
    raise ImproperlyConfigured("SECURITY_CONTACT must hold mailto: or https: addresses.")

# --- Applications: on the public surface no sign-in, session, admin or analysts' code to attack -

PUBLIC_APPS = ["django.forms", "django.contrib.staticfiles", "countries", "reports", "portal_site"]
STAFF_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "audit",
    "analysts.pages.admin_config.StaffAdminConfig",
    "analysts",
    # After `analysts`, whose command of the same name comes first.
    "procrastinate.contrib.django",
]
INSTALLED_APPS = [*(STAFF_APPS if STAFF else []), *PUBLIC_APPS]
# The worker's jobs; without this procrastinate looks for a module `tasks` beside an app's models only.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["analysts.pages.tasks"]
# Workers look for jobs every few seconds. They do not listen: every database role can send a notification, and one that
# is not JSON ends a worker.
PROCRASTINATE_WORKER_DEFAULTS = {"listen_notify": False}
# Everything below these belongs to staff; everything else is public.
STAFF_PATHS = ("/admin/", "/accounts/", "/api/")
# The part of these that members' systems call, with a key and without a session.
MEMBERS_PATH = "/api/"
# The API that the systems of sources call, on their own surface alone, with a key.
SOURCES_PATH = "/api/v1/"

MIDDLEWARE = [
    # First, so that nothing after it can see, keep or log who is asking.
    "portal_site.middleware.forget_who_asks",
    "portal_site.middleware.surface_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal_site.compression.BoundedGZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    *(
        [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "analysts.accounts.middleware.strip_stored_headers",
            "analysts.accounts.middleware.refuse_stray_escapes",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "analysts.accounts.middleware.staff_language",
            "analysts.accounts.time_zones.StaffTimeZone",
            "analysts.accounts.middleware.refuse_nul",
            "django.contrib.messages.middleware.MessageMiddleware",
            "analysts.accounts.sessions.end_old_sessions",
            "analysts.accounts.sessions.RequireSignIn",
            "allauth.account.middleware.AccountMiddleware",
            "analysts.accounts.middleware.RequireSecondFactor",
            "analysts.welfare.masking.hide_on_leaving",
            # After sign-in and second factor, so strangers are redirected to sign in for every path.
            "portal_site.access_middleware.AskTheTable",
            # After the table: a refusal of it comes first.
            "analysts.accounts.read_only.RefuseWhileReadOnly",
            # On public pages `surface_headers` would only replace its header.
            "django.middleware.csp.ContentSecurityPolicyMiddleware",
        ]
        if STAFF
        else []
    ),
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = f"portal_site.urls_{SURFACE}"
WSGI_APPLICATION = "portal_site.wsgi.application"
APPEND_SLASH = True

TEMPLATES: list[dict[str, object]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "countries.public.context_processors.site",
                *(
                    [
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "analysts.pages.context_processors.staff",
                    ]
                    if STAFF
                    else []
                ),
            ],
        },
    }
]
# Forms find their widgets' templates in templates/ too.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------

# DATABASE_URL: the PostgreSQL server. `manage.py` and the tests start an embedded one and set this where it is not set.
DATABASES = {"default": env.db_url("DATABASE_URL")}
if "postgresql" not in DATABASES["default"]["ENGINE"]:
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL server: it is the only database.")
DATABASES["default"].update(
    ENGINE="portal_site.postgresql",
    # One connection a thread is kept: a new one costs more than the whole request.
    CONN_MAX_AGE=600,
    # Without it the first request after a restart of the server fails. Costs a round trip only where a restart is
    # possible: `portal_site/postgresql/`.
    CONN_HEALTH_CHECKS=True,
)
DATABASES["default"]["OPTIONS"] = {
    # Seconds for each machine that DATABASE_URL names.
    "connect_timeout": 5,
    **DATABASES["default"].get("OPTIONS", {}),
    # Values travel apart from the statement, so that no log of statements can hold them.
    "server_side_binding": True,
}
if STAFF:
    # LOCK_SECONDS: a job that waits for a lock must end, so that the worker gets to the job that ends the public role's
    # old transactions. deploy/upgrade migrates with less.
    seconds = read_bounded_int("LOCK_SECONDS", default=30, floor=1, ceiling=600)
    DATABASES["default"]["OPTIONS"].setdefault("options", f"-c lock_timeout={seconds}s")
if not STAFF:
    # The public surface has few statements, and planning the one that stores a report costs as much as running it. A
    # connection pooler between, if any, must support prepared statements. Statements of the staff surface are planned
    # with their values each time: which index is right depends on the portals of the user.
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 3
# INTAKE_PROCESSES: how many processes of the intake worker share the work, each with a connection. By default one for
# every two processors, at most four.
INTAKE_PROCESSES = read_bounded_int(
    "INTAKE_PROCESSES", default=min(4, max(1, (os.cpu_count() or 1) // 2)), floor=1, ceiling=32
)
# PUBLIC_MACHINES, STAFF_MACHINES, SOURCES_MACHINES: how many machines serve each surface from this database.
# `check --deploy` adds up the connections that their threads may need.
PUBLIC_MACHINES = read_bounded_int("PUBLIC_MACHINES", default=1, floor=1, ceiling=100)
STAFF_MACHINES = read_bounded_int("STAFF_MACHINES", default=1, floor=1, ceiling=100)
SOURCES_MACHINES = read_bounded_int("SOURCES_MACHINES", default=int(SURFACE == "sources"), floor=0, ceiling=100)
# CONNECTION_WAIT_SECONDS: how long a report waits for a connection when the database has none left, before its sender
# is asked to send it again.
CONNECTION_WAIT_SECONDS = read_bounded_int("CONNECTION_WAIT_SECONDS", default=5, floor=0, ceiling=20)
# STAFF_DB_PASSWORD, PUBLIC_DB_PASSWORD, SOURCES_DB_PASSWORD: set on the database roles by `manage.py grant_roles`.
STAFF_DB_PASSWORD: str = env.str("STAFF_DB_PASSWORD", default="")
PUBLIC_DB_PASSWORD: str = env.str("PUBLIC_DB_PASSWORD", default="")
SOURCES_DB_PASSWORD: str = env.str("SOURCES_DB_PASSWORD", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Sign-in (staff) ------------------------------------------------------------------------------

AUTH_USER_MODEL = "analysts.User"
AUTHENTICATION_BACKENDS = ["analysts.accounts.sign_in.adapters.Backend"]
PASSWORD_HASHERS = ["analysts.accounts.sign_in.password_checks.StaffPasswordHasher"]
# PASSWORD_CHECKS: how many passwords each process checks at once; each takes 64 MiB of memory for a fifth of a second,
# and one is kept free for browsers in which the account signed in before. PASSWORD_QUEUE: how many attempts from other
# browsers wait for the rest, each of them in a thread. PASSWORD_WAIT_SECONDS: how long they wait before they are asked
# to try again. Two workers with two checks take 256 MiB beyond their own: MemoryMax= in deploy/systemd/ fits these.
PASSWORD_CHECKS = read_bounded_int("PASSWORD_CHECKS", default=2, floor=2, ceiling=16)
PASSWORD_QUEUE = read_bounded_int("PASSWORD_QUEUE", default=2, floor=0, ceiling=16)
PASSWORD_WAIT_SECONDS = read_bounded_int("PASSWORD_WAIT_SECONDS", default=3, floor=1, ceiling=20)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    # Django's list of 19,640 common passwords, and those passwords lengthened to 12 characters.
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "analysts.accounts.sign_in.password_rules.LengthenedPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "analysts.accounts.sign_in.adapters.AccountAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = False
# The library counts failures by client address, which this site never sees, and its count by account would let a
# stranger lock a colleague out. `analysts.accounts.sign_in.delays` replaces it.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "change_password": "analysts.accounts.sign_in.forms.ChangePasswordForm",
    "set_password": "analysts.accounts.sign_in.forms.SetPasswordForm",
}
MFA_FORMS = {
    "add_webauthn": "analysts.accounts.sign_in.forms.AddKeyForm",
    "authenticate": "analysts.accounts.sign_in.forms.AuthenticateForm",
    "authenticate_webauthn": "analysts.accounts.sign_in.forms.SecondFactorKeyForm",
    "login_webauthn": "analysts.accounts.sign_in.forms.LoginKeyForm",
    "reauthenticate": "analysts.accounts.sign_in.forms.ReauthenticateForm",
    "reauthenticate_webauthn": "analysts.accounts.sign_in.forms.ReauthenticateKeyForm",
}
MFA_ADAPTER = "analysts.accounts.sign_in.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Reporting Portals"
# Only to let the demo's passkeys work over http on the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# SESSION_IDLE_MINUTES: staff are signed out after so many minutes without a request.
SESSION_IDLE_MINUTES = read_bounded_int("SESSION_IDLE_MINUTES", default=30, floor=5, ceiling=120)
# SESSION_HOURS: staff sign in again after so many hours, even if they were active.
SESSION_HOURS = read_bounded_int("SESSION_HOURS", default=10, floor=1, ceiling=12)
# REVEAL_HOURS: hours after which an analyst must prove their identity again before an address is revealed.
REVEAL_HOURS = read_bounded_int("REVEAL_HOURS", default=4, floor=1, ceiling=12)

# Marks a browser in which a member of staff signed in before (`analysts.accounts.sign_in.delays`). It gives no access
# and identifies no account.
KNOWN_BROWSER_COOKIE_NAME = "__Host-known" if HTTPS else "known"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "portal_site.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Headers and limits ---------------------------------------------------------------------------

# Staff pages. Public pages get a stricter set from `portal_site.middleware.surface_headers`.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_SSL_REDIRECT = False  # the web server in front does it, before Django sees the request
X_FRAME_OPTIONS = "DENY"
# The web server in front refuses more; this holds where there is none.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
# The longest form has a hundred. Lists write what their address says into each of their links.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# The public surface accepts no file. The staff surface accepts portals' pictures; none may reach a temporary folder.
FILE_UPLOAD_HANDLERS: list[str] = ["countries.staff.appearance.uploads.MemoryOnly"] if STAFF else []

# --- Static files ---------------------------------------------------------------------------------

# STATIC_ROOT: where `collectstatic` puts files with hashes in their names.
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))).resolve()
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    # Compressing takes seconds, and a demonstration is looked at from the same machine.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Languages and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["portal_site.formats"]
# Languages with a catalogue of the project's own. A portal may use others; their standard words then show in English.
LANGUAGES = [(tag, _(name)) for tag, name in find_languages(LOCALE_PATHS[0])]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Mail: counts to staff; notices to verified recipients ---------------------------------------

# MAIL_HOST, MAIL_PORT, MAIL_USER, MAIL_PASSWORD: the SMTP server, reached over TLS from the first byte; its certificate
# is verified (SSL_CERT_FILE names a private authority). Without MAIL_HOST the demo writes mail to the terminal;
# elsewhere a job that must mail fails and is seen. Notices never go to the terminal: the demo only says that they left,
# elsewhere they wait for a person. The public surface never mails; MAIL_FROM is on its page about letters.
# MAIL_FROM: the sender's address; its mail must be read, as recipients may reply by mail. Its domain is in the
# Message-ID of notices, which they have from the moment they are opened, on the staff surface.
# MAIL_SECONDS: how long the server may be silent.
MAIL_HOST: str = env.str("MAIL_HOST", default="")
DEFAULT_FROM_EMAIL: str = env.str("MAIL_FROM", default="") or "portals@localhost"
# HOTLINE_MAILBOX: the shared mailbox to which recipients of letters write; by default the address of MAIL_FROM.
HOTLINE_MAILBOX: str = env.str("HOTLINE_MAILBOX", default="") or parseaddr(DEFAULT_FROM_EMAIL)[1]
if not re.fullmatch(r"[^\s@<>,]+@[^\s@<>,]+", HOTLINE_MAILBOX):
    raise ImproperlyConfigured("HOTLINE_MAILBOX must be one e-mail address.")
MAILERS: dict[str, dict[str, object]] = {"default": {"BACKEND": "portal_site.mail.NoMail"}}
if STAFF and MAIL_HOST:
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": MAIL_HOST,
            "port": env.int("MAIL_PORT", default=465),
            "username": env.str("MAIL_USER", default=""),
            "password": env.str("MAIL_PASSWORD", default=""),
            "use_ssl": True,
            "timeout": read_bounded_int("MAIL_SECONDS", default=20, floor=1, ceiling=60),
        },
    }
elif STAFF and DEMO:
    MAILERS["default"] = {"BACKEND": "django.core.mail.backends.console.EmailBackend"}

# --- No data about a visitor is kept --------------------------------------------------------------

# Nothing a reporter sends is ever cached; the library that wants a cache gets one that forgets.
# Django's `{% cache %}` keeps parts of staff pages that hold code lists alone, in the memory of the process.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
DEFAULT_EXCEPTION_REPORTER = "portal_site.logging.SilentReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "django.views.debug.SafeExceptionReporterFilter"
ADMINS: list[str] = []
MANAGERS: list[str] = []
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"sparse": {"()": "portal_site.logging.SparseFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "sparse"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own configuration would add handlers that mail and print whole requests.
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # At WARNING it would log every refused form.
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "reports": {"level": "INFO"},
        "analysts": {"level": "INFO"},
    },
}

# --- Settings for `check --deploy`, and the checks that are silenced ------------------------------

# NAMES_IN_FILES: the names set in /etc/portals/*.env, separated by spaces; deploy/manage, which may read them, says so.
NAMES_IN_FILES: list[str] = env.str("NAMES_IN_FILES", default="").split()
# OUTDATED_PROCESSES: the units that run with older values than those files have, each as UNIT:NAME,NAME. Set likewise.
OUTDATED_PROCESSES: list[str] = env.str("OUTDATED_PROCESSES", default="").split()
# GUNICORN_CONFIG: the file gunicorn is started with.
_shipped = BASE_DIR / "deploy" / "gunicorn.py"
GUNICORN_CONFIG: str = env.str("GUNICORN_CONFIG", default=str(_shipped) if _shipped.exists() else "")
# NGINX_CONFIG: configuration files of the web server in front, separated by commas: /etc/nginx/nginx.conf.
NGINX_CONFIG: list[str] = env.list("NGINX_CONFIG", default=[])

SILENCED_SYSTEM_CHECKS = [
    # SECURE_SSL_REDIRECT: the web server in front redirects, before a request gets here.
    "security.W008",
    # SECURE_HSTS_PRELOAD: a promise about a whole domain and for years; the installation's own decision.
    "security.W021",
    # No CSRF middleware on the public surface: it has no session and no cookie to abuse; forms carry a signed token.
    *([] if STAFF else ["security.W003"]),
]

# --- What was read ----------------------------------------------------------------------------------

# Every variable above with its source, for administrators; no secret's value.
SETTINGS_IN_FORCE = env.in_force
SETTING_BOUNDS = env.bounds

"""The release: whether the database has its tables, whether what it brings was loaded, and whether a lockdown is on."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

from countries.table_marks import LOCKDOWN_MARKS


@register(Tags.security, deploy=True)
def check_tables(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """With the tables of another release, reports may be acknowledged that intake can never read."""
    if not settings.STAFF:
        return  # asked where migrations are known
    from portal_site.database.applied_migrations import compare_migrations  # noqa: PLC0415 - reads models, on the staff side only

    try:
        difference = compare_migrations()
    except DatabaseError:
        return  # the database checks say so
    if difference.unknown or difference.missing:
        yield Error(
            f"The database has the tables of another release: {len(difference.unknown)} migrations too many, "
            f"{len(difference.missing)} missing.",
            hint="manage.py compare_migrations names them and says what to do.",
            id="portal_site.E090",
        )


@register(Tags.security, deploy=True)
def check_loaded(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """Without routing rules no route is proposed, without a notice text no notice leaves."""
    if not settings.STAFF:
        return
    try:
        missing = list(_not_loaded())
    except DatabaseError:
        return  # the database checks say so
    for what, user, command in missing:
        hint = f"deploy/manage {user} {command}. It leaves what operators changed as it is."
        yield Warning(f"Not loaded: {what}.", hint=hint, id="portal_site.W091")


def _not_loaded() -> Iterator[tuple[str, str, str]]:
    """The missing rows, who loads them and with which command. Raises DatabaseError."""
    from analysts.models import Recipient, RouteRule  # noqa: PLC0415 - models, on the staff side only
    from analysts.takedown.legal import texts as legal_texts  # noqa: PLC0415 - models, on the staff side only
    from analysts.takedown.notices import texts  # noqa: PLC0415 - models, on the staff side only
    from countries.models import HelpService, Portal  # noqa: PLC0415 - models must be loaded first

    if not Portal.objects.exists():
        yield "known portals", "owner", "load_catalogue"
    if not HelpService.objects.exists():
        yield "help services", "owner", "load_catalogue"
    if not Recipient.objects.exists():
        yield "hotlines and police forces", "owner", "load_recipients"
    if not RouteRule.objects.exists():
        yield "routing rules", "owner", "load_routing"
    if number := texts.count_texts_to_load() + len(legal_texts.missing_texts()):
        yield f"{number} notice and legal texts", "owner", "load_notice_texts"
    if not (settings.KEYRING / "private" / "handoff.key").exists():
        yield "the key of batches (private/handoff.key)", "keys", "create_keys"


@register(Tags.security, deploy=True)
def check_error_pages(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """The web server's own pages lack what speakers translated or corrected since they were written."""
    if not settings.STAFF:
        return
    from countries.public import web_server_pages as pages  # noqa: PLC0415 - models must be loaded first
    from countries.words import language_memory, overlay  # noqa: PLC0415 - models must be loaded first

    try:
        language_memory.renew_languages()
        overlay.renew_texts()
        stale = pages.are_pages_stale(connection)
    except DatabaseError:
        return  # the database checks say so
    if stale:
        yield Warning(
            "The web server’s error pages were written before their texts changed.",
            hint="deploy/manage owner write_error_pages --tar | tar --extract --directory=/etc/nginx/portals/pages",
            id="portal_site.W093",
        )


@register(Tags.security, deploy=True)
def check_lockdown(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """A lockdown that was forgotten keeps reporters or staff out, or holds what should leave."""
    try:
        stopped = {part: mark.read(connection) for part, mark in LOCKDOWN_MARKS.items()}
    except DatabaseError:
        return  # the database checks say so
    for part, since in stopped.items():
        if since is not None:
            hint = "When the incident is over: deploy/manage owner lockdown --lift"
            yield Warning(f"The lockdown of {part} has been on since {since}.", hint=hint, id="portal_site.W092")


@register(Tags.security, deploy=True)
def check_hotlines(app_configs: object, **kwargs: object) -> Iterator[CheckMessage]:
    """A national hotline without a digest would count as verified after any change of its row."""
    from countries.public.network.hotlines import listed_hotlines  # noqa: PLC0415 - models must be loaded first

    for hotline in listed_hotlines():
        if hotline.verified_on is None or hotline.digest == hotline.value_digest:
            continue
        fault = "has changed since it was verified and is not shown" if hotline.digest else "has no digest"
        hint = f'Compare it with its own page, then enter who did, when, and digest = "{hotline.value_digest}"'
        yield Warning(f"National hotline {hotline.name} ({hotline.country}) {fault}.", hint=hint, id="portal_site.W094")

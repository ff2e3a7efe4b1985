"""The secret link in a notice. The secret follows from the notice's id by a key of staff's, and is stored nowhere."""

import hmac
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from analysts.models import Notice, NoticeItem
from analysts.models.notice import UNSENT
from countries.languages import words_language
from reports import keys, notice_links, sealing
from reports.models import NoticeLink


def secret_of(notice_id: uuid.UUID) -> bytes:
    """16 bytes. Whoever has a copy of the database has none of them."""
    digest = hmac.digest(keys.fingerprint_key(), b"notice link\0" + notice_id.bytes, "sha256")
    return digest[: notice_links.SECRET_BYTES]


def create_link(*, notice_id: uuid.UUID, reference: str, host_text: str, language: str, now: datetime) -> NoticeLink:
    """The row by which the public surface knows the link: what its page shows, to the key that only the secret opens.

    `host_text`: defanged; "" stands for several. `language`: the one the page opens in.
    """
    credentials = notice_links.derive_link_credentials(secret_of(notice_id))
    return NoticeLink.objects.create(
        id=credentials.link_id,
        expires_on=(now + timedelta(days=settings.NOTICE_LINK_DAYS)).date(),
        sealed=_seal_page(credentials, reference=reference, host=host_text, language=language),
    )


def add_host_to_link(notice: Notice, *, host_text: str) -> None:
    """An address on this host leaves with the notice: where it is another host than the page's, that names none."""
    credentials = notice_links.derive_link_credentials(secret_of(notice.pk))
    shown = _unseal_page(notice.link, credentials)
    if shown.get("host") in ("", host_text):
        return
    notice.link.sealed = _seal_page(
        credentials, reference=notice.reference, host="", language=str(shown.get("language", ""))
    )
    notice.link.save(update_fields=["sealed"])


def renew_link(notice: Notice, *, now: datetime) -> None:
    """It works from now on as long as a new one does: its letter did not leave when it was to."""
    notice.link.expires_on = (now + timedelta(days=settings.NOTICE_LINK_DAYS)).date()
    notice.link.save(update_fields=["expires_on"])


def renew_if_half_over(notice: Notice, *, now: datetime) -> None:
    """Not each day: a letter that somebody has before them, or may have, stays as it is."""
    if notice.link.expires_on < (now + timedelta(days=settings.NOTICE_LINK_DAYS) / 2).date():
        renew_link(notice, now=now)


def reply_url(notice: Notice) -> str:
    """Where its recipient answers; "" where this installation does not know where the public finds it (PUBLIC_URL)."""
    if not settings.PUBLIC_URL:
        return ""
    secret = secret_of(notice.pk)
    shown = _unseal_page(notice.link, notice_links.derive_link_credentials(secret))
    language = words_language(str(shown.get("language", "")))
    # Written out: the staff surface serves no public page, and its urls do not know this one.
    return f"{settings.PUBLIC_URL}/notice/{language}/{notice_links.encode_secret(secret)}/"


def blank_old_links(*, now: datetime) -> int:
    """Forget what the pages of links show that take no answers any more, or of whose addresses none can be read.

    Of a letter that has not left yet it stays, as a person may still send it, while there is something to send. Returns
    how many were blanked. Asks the index of those that can be read, never all history.
    """
    over = Q(expires_on__lt=now.date()) & ~Q(notice__state__in=UNSENT)
    addresses = NoticeItem.objects.filter(notice__link=OuterRef("pk")).exclude(incident__sealed_address=b"")
    return NoticeLink.objects.exclude(sealed=b"").filter(over | ~Exists(addresses)).update(sealed=b"")


def _seal_page(credentials: notice_links.LinkCredentials, **shown: sealing.JSON) -> bytes:
    return sealing.seal_json(shown, to=credentials.key.public(), info=notice_links.link_info(credentials.link_id))


def _unseal_page(link: NoticeLink, credentials: notice_links.LinkCredentials) -> dict[str, sealing.JSON]:
    """What its page shows; nothing where it was damaged, or the key it was made with was replaced."""
    try:
        info = notice_links.link_info(credentials.link_id)
        return sealing.unseal_json(bytes(link.sealed), by=credentials.key, info=info)
    except sealing.UnsealError:
        return {}

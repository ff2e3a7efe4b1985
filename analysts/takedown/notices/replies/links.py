"""The secret reply link of a notice. The secret is derived from the notice's id by a staff key and never stored."""

import hmac
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from analysts.models import Notice, NoticeItem
from analysts.models.notice import UNSENT
from countries.languages import words_language
from countries.words.language_memory import renew_if_old
from reports import installation_keys, notice_links, sealing
from reports.letter_numbers import write_numbers
from reports.models import NoticeLink
from reports.notices import Answerer


def secret_of(notice_id: uuid.UUID) -> bytes:
    """The secret of a notice, 16 bytes. It cannot be derived from the database alone. Raises keys.KeyMissing."""
    return _derive_secret(installation_keys.reply_link_key(), notice_id)


def _derive_secret(key: bytes, notice_id: uuid.UUID) -> bytes:
    return hmac.digest(key, b"notice link\0" + notice_id.bytes, "sha256")[: notice_links.SECRET_BYTES]


def _read_secret(notice: Notice) -> tuple[bytes, notice_links.LinkCredentials]:
    """The secret of the notice's link and what follows from it.

    Links made before reply links had a key of their own come from the fingerprint key, and work until they expire.
    """
    secret = secret_of(notice.pk)
    credentials = notice_links.derive_link_credentials(secret)
    if credentials.link_id != notice.link_id:
        earlier = _derive_secret(installation_keys.fingerprint_key(), notice.pk)
        of_earlier = notice_links.derive_link_credentials(earlier)
        if of_earlier.link_id == notice.link_id:
            return earlier, of_earlier
    return secret, credentials


def credentials_of(notice: Notice) -> notice_links.LinkCredentials:
    """The credentials derived from the secret of the notice's link. Raises keys.KeyMissing."""
    return _read_secret(notice)[1]


def create_link(*, notice_id: uuid.UUID, reference: str, host_text: str, language: str, now: datetime) -> NoticeLink:
    """Create the row by which the public surface recognises the link, with the page's content sealed to the secret.

    `host_text`: the defanged host; "" for several hosts. `language`: the initial language of the page.
    """
    credentials = notice_links.derive_link_credentials(secret_of(notice_id))
    return NoticeLink.objects.create(
        id=credentials.link_id,
        expires_on=(now + timedelta(days=settings.NOTICE_LINK_DAYS)).date(),
        sealed=_seal_page(credentials, reference=reference, host=host_text, language=language),
    )


def complete_link(
    notice: Notice, *, numbers: Iterable[int], hosts: Collection[str] = (), answerer: Answerer | None = None
) -> None:
    """Note on the page the numbers and the hosts of the letter's addresses. It shows a host only if all share it.

    `answerer`: whose kinds of answer it offers; None: as the letter's addresses say.
    """
    credentials = credentials_of(notice)
    page = _unseal_page(notice.link, credentials)
    host = page.get("host", "")
    complete = {
        **page,
        "reference": notice.reference,
        "host": host if all(other == host for other in hosts) else "",
        "numbers": write_numbers(numbers),
        "answerer": answerer or notice.answerer(),
    }
    if complete != page:
        notice.link.sealed = _seal_page(credentials, **complete)
        notice.link.save(update_fields=["sealed"])


def renew_link(notice: Notice, *, now: datetime) -> None:
    """Restart the validity of the link, for a notice that was not sent when planned."""
    notice.link.expires_on = (now + timedelta(days=settings.NOTICE_LINK_DAYS)).date()
    notice.link.save(update_fields=["expires_on"])


def renew_if_half_over(notice: Notice, *, now: datetime) -> None:
    """Renew the link if less than half of its validity is left.

    Renewing more often would change a letter that a user is reading or a recipient may have received.
    """
    if notice.link.expires_on < (now + timedelta(days=settings.NOTICE_LINK_DAYS) / 2).date():
        renew_link(notice, now=now)


def reply_url(notice: Notice) -> str:
    """The URL of the reply page; "" if `PUBLIC_URL` is not set."""
    if not settings.PUBLIC_URL:
        return ""
    secret, credentials = _read_secret(notice)
    page = _unseal_page(notice.link, credentials)
    # The worker serves no page, which would have read the languages that were opened here.
    renew_if_old()
    language = words_language(str(page.get("language", "")))
    # Written out because the staff surface's URLconf does not include the public pages.
    return f"{settings.PUBLIC_URL}/notice/{language}/{notice_links.encode_secret(secret)}/"


def hidden_url() -> str:
    """The text in place of a reply link that the reader may not use; "" if `PUBLIC_URL` is not set."""
    return _("[reply link, which only the recipient gets]") if settings.PUBLIC_URL else ""


def blank_old_links(*, now: datetime) -> int:
    """Erase the page content of links that have expired or whose addresses are all erased; return how many.

    Links of unsent notices keep their content after expiry, because the notice may still be sent, as long as one of its
    addresses exists. Uses the index of links with content instead of scanning all links.
    """
    expired = Q(expires_on__lt=now.date()) & ~Q(notice__state__in=UNSENT)
    addresses = NoticeItem.objects.filter(notice__link=OuterRef("pk")).exclude(incident__sealed_address=b"")
    return NoticeLink.objects.exclude(sealed=b"").filter(expired | ~Exists(addresses)).update(sealed=b"")


def _seal_page(credentials: notice_links.LinkCredentials, **page: sealing.JSON) -> bytes:
    return sealing.seal_json(page, to=credentials.key.public(), info=notice_links.link_info(credentials.link_id))


def _unseal_page(link: NoticeLink, credentials: notice_links.LinkCredentials) -> dict[str, sealing.JSON]:
    """The page content; empty if it is damaged or was sealed with a key that has been replaced."""
    try:
        info = notice_links.link_info(credentials.link_id)
        return sealing.unseal_json(bytes(link.sealed), by=credentials.key, info=info)
    except sealing.UnsealError:
        return {}

"""The views' access to the database. Where it fails, the form says so and keeps its text."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import Error
from django.utils.translation import gettext_lazy as _

from countries.public.pages import PortalRequest
from reports import actions, disk_space, keys, receipts, sealing
from reports.database_wait import await_connection
from reports.fields import PlainForm
from reports.models import SubmissionKind

logger = logging.getLogger(__name__)

NOT_STORED = ValidationError(
    _("This was not stored: something went wrong here. Please send it again in a minute."),
    code="away",
)
OUT_OF_DATE = ValidationError(
    _(
        "This was not stored: this web server needs an update. What you wrote is still on this page. Please send it "
        "again in a few hours, or report in another way: see the first page of this portal."
    ),
    code="away",
)
NOT_LOOKED_UP = ValidationError(
    _("We cannot look up receipts right now. Nothing is lost. Please try again in a minute."),
    code="away",
)
ASKED_ALREADY = ValidationError(
    _(
        "You can ask for another look once, after the hotline has finished its work. Please add what you wrote as "
        "details: see below."
    ),
    code="asked_already",
)
UNKNOWN_CODE = ValidationError(
    _("There is no report with this receipt. Please check that the code is the right one."),
    code="unknown",
)


def store_from_form(
    request: PortalRequest,
    form: PlainForm,
    *,
    code: str,
    kind: SubmissionKind,
    payload: Mapping[str, sealing.JSON],
    message: UUID | None = None,
    is_urgent: bool = False,
) -> bool:
    """Whether `payload` is now on disk under the receipt `code`. The others: as for `actions.store_submission`."""
    store = partial(
        actions.store_submission,
        credentials=receipts.derive_credentials(code),
        kind=kind,
        payload=payload,
        portal=request.portal,
        language=request.portal_language,
        message=message,
        is_urgent=is_urgent,
    )
    return on_disk(form, store, what="a submission", out_of_date=OUT_OF_DATE)


def on_disk(form: PlainForm, store: Callable[[], None], *, what: str, out_of_date: ValidationError) -> bool:
    """Whether `store` has stored it; if not, the form says so. `what`: for the log."""
    try:
        await_connection()
        store()
    except actions.KeyClosed:
        logger.error("Out of date.", extra={"fact": f"{what} was refused: the keyring here is out of date"})
        form.add_error(None, out_of_date)
        return False
    except actions.AskedAlready:
        form.add_error(None, ASKED_ALREADY)
        return False
    except (Error, keys.NoOpenKey) as error:
        if isinstance(error, Error):
            disk_space.note_storage_error(error)
        logger.exception("Not stored.", extra={"fact": f"{what} was not stored"})
        form.add_error(None, NOT_STORED)
        return False
    disk_space.note_storage_success()
    return True


def look_up_receipt(form: PlainForm, code: str) -> actions.PublicReceipt | None:
    """The receipt of a canonical code, or None where there is none; unknown codes take the same work as others."""
    try:
        await_connection()
        receipt = actions.look_up(receipts.derive_credentials(code))
    except Error:
        logger.exception("Not looked up.", extra={"fact": "a receipt was not looked up"})
        form.add_error(None, NOT_LOOKED_UP)
        return None
    if receipt is None:
        form.add_error("code", UNKNOWN_CODE)
    return receipt


def may_have_report(code: str) -> bool:
    """Whether a report is stored under a canonical code; True if the database fails, as storing then says so."""
    if not code:
        return False
    try:
        return actions.look_up(receipts.derive_credentials(code)) is not None
    except Error:
        return True


def refusal_status(form: PlainForm) -> int:
    """The status of a form that is shown again: 503 where that is our fault, else 422. Browsers show the page like
    any other, and a program can tell a refusal from a stored report without reading the page's language. 200 where
    nothing is refused: a form that was sent to be shown in another language."""
    if not form.errors:
        return 200
    return 503 if form.has_error(NON_FIELD_ERRORS, code="away") else 422

"""The admin of accounts, which returns work that a saved account may not hold any more."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext

from analysts.accounts.admin import UserAdmin
from analysts.accounts.staff_request import staff_user
from analysts.models import User
from analysts.pages.held_work import return_work


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Switching an account off in its form hands nothing over: its work returns to the queues, in the same save."""

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        super().save_related(request, form, *args)
        if number := return_work(form.instance, by=staff_user(request), now=timezone.now()):
            note = ngettext(
                "%(number)d piece of work that the account held is back in its queue.",
                "%(number)d pieces of work that the account held are back in their queues.",
                number,
            )
            messages.info(request, note % {"number": number})

"""The operations page of administrators: what is watched, jobs, slow statements and deployment checks."""

from collections import Counter

from django.contrib import messages
from django.core import checks
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.operations import jobs
from analysts.operations.database_signs import list_slow_statements
from analysts.operations.health_item import HealthState
from analysts.operations.operations_items import build_groups, read_state
from analysts.operations.permissions import check_can_operate
from analysts.operations.setup_steps import build_steps
from audit.permissions import Late
from countries.staff.requests.staff_pages import staff_page


@require_safe
def operations_page(request: StaffRequest) -> HttpResponse:
    check_can_operate(request.user)
    now = timezone.now()
    state = read_state(now)
    groups = build_groups(state)
    states = Counter(item.state for group in groups for item in group.items)
    context = {
        "title": _("Operations"),
        "groups": groups,
        "late": states[HealthState.NOT_OK],
        "unknown": states[HealthState.UNKNOWN],
        "waiting": jobs.list_waiting_jobs(now),
        "failed": state.failed_jobs,
        "statements": list_slow_statements(),
    }
    return staff_page(request, "analysts/operations/operations.html", context)


@require_safe
def deployment_checks(request: StaffRequest) -> HttpResponse:
    """The messages of `manage.py check --deploy` for this process, on a separate page, because they take a second."""
    check_can_operate(request.user)
    problems = [message for message in checks.run_checks(include_deployment_checks=True) if not message.is_silenced()]
    context = {
        "title": _("Deployment checks"),
        "problems": sorted(problems, key=lambda message: (not message.is_serious(), message.id or "")),
    }
    return staff_page(request, "analysts/operations/checks.html", context)


@require_safe
def setup_page(request: StaffRequest) -> HttpResponse:
    """The steps of a first start."""
    check_can_operate(request.user)
    steps = build_steps(request.user)
    open_steps = [step for step in steps if not step.is_done]
    context = {
        "title": _("Setting up"),
        "steps": steps,
        "open": len(open_steps),
        "next": open_steps[0] if open_steps else None,
    }
    return staff_page(request, "analysts/operations/setup.html", context)


@require_POST
def retry_job(request: StaffRequest, job_id: int) -> HttpResponse:
    check_can_operate(request.user)
    try:
        jobs.retry_job(by=request.user, job_id=job_id)
    except Late as late:
        messages.error(request, str(late.reason))
    else:
        messages.success(request, _("The worker runs the job again within seconds."))
    return redirect("admin:operations")


@require_POST
def send_test_message(request: StaffRequest) -> HttpResponse:
    check_can_operate(request.user)
    try:
        jobs.order_test_message(by=request.user)
    except Late as late:
        messages.error(request, str(late.reason))
    else:
        messages.success(
            request,
            _("The worker mails a test message to %(address)s. If it fails, the reason is below within a minute.")
            % {"address": request.user.email},
        )
    return redirect("admin:operations")

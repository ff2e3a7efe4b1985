"""The notice on administrators' dashboards until the first start is complete."""

from dataclasses import dataclass
from datetime import datetime

from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from analysts.operations.setup_steps import build_steps


@dataclass(frozen=True, slots=True)
class SetupNotice:
    """`open`: the number of steps left; `next`: the first of them."""

    open: int
    next: str


def show_setup(user: User, _now: datetime, _counts: Counts) -> PageSection | None:
    if user.role != Role.ADMINISTRATOR:
        return None
    open_steps = [step for step in build_steps(user) if not step.is_done]
    notice = SetupNotice(len(open_steps), str(open_steps[0].label)) if open_steps else None
    return PageSection("analysts/operations/_dashboard_setup.html", notice) if notice else None

"""A process of an installation that runs pieces of code one after the other: starting one for each takes seconds.

It reads a JSON object a line: `code`, and by how many `hours` its clock is moved meanwhile; and answers each with a
line: what the code `printed`, and the `error` that ended it.
"""

import json
import sys
import traceback
from contextlib import nullcontext, redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO

import django
import time_machine


def run_code(code: str, hours: float) -> dict[str, str]:
    printed, error = StringIO(), ""
    later = datetime.now(tz=UTC) + timedelta(hours=hours)
    with redirect_stdout(printed), time_machine.travel(later, tick=True) if hours else nullcontext():
        try:
            exec(code, {})  # noqa: S102 - a test's own
        except Exception:
            error = traceback.format_exc()
    return {"printed": printed.getvalue(), "error": error}


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        print(json.dumps(run_code(**json.loads(line))), flush=True)  # noqa: T201 - the answer

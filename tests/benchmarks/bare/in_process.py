"""The processor time of bare Django's form in this process, in milliseconds: what other times are compared with.

One number for each line that arrives. A GET of the form asks no database.
"""

import os
import secrets
import sys
from statistics import median
from time import process_time

import django
from django.test import Client

# The median of so many batches of so many requests.
BATCHES, REQUESTS = 5, 100


def main() -> None:
    unused = dict.fromkeys(("DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME"), "unused")
    os.environ |= unused | {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.bare.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "testserver",
    }
    django.setup()
    client = Client()
    for _ in sys.stdin:
        print(round(median(_measure_batch(client) for _ in range(BATCHES)), 3), flush=True)


def _measure_batch(client: Client) -> float:
    """Milliseconds a request, each as of a browser that comes for the first time: the answer sets its cookie."""
    began = process_time()
    for _ in range(REQUESTS):
        client.cookies.clear()
        if client.get("/report/").status_code != 200:
            raise RuntimeError("The form was not shown.")
    return (process_time() - began) / REQUESTS * 1000


if __name__ == "__main__":
    main()

"""The processor time of bare Django's form in this process, in milliseconds: what other times are compared with.

A line that arrives says how many requests, and how many batches of so many: the answer is the median of the batches.
A GET of the form asks no database.
"""

import os
import secrets
import sys
from statistics import median
from time import process_time

import django
from django.test import Client


def main() -> None:
    unused = dict.fromkeys(("DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME"), "unused")
    os.environ |= unused | {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.bare.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "testserver",
    }
    django.setup()
    client = Client()
    for line in sys.stdin:
        requests, batches = map(int, line.split())
        print(round(median(_measure_batch(client, requests) for _ in range(batches)), 3), flush=True)


def _measure_batch(client: Client, requests: int) -> float:
    """Milliseconds a request, each as of a browser that comes for the first time: the answer sets its cookie."""
    began = process_time()
    for _ in range(requests):
        client.cookies.clear()
        if client.get("/report/").status_code != 200:
            raise RuntimeError("The form was not shown.")
    return (process_time() - began) / requests * 1000


if __name__ == "__main__":
    main()

"""Try to recover hidden counts from published figures of synthetic years: `python -m tests.attack`.

Fails if a count is recovered, or with `--without-suppression` if none is.
"""

import argparse
import os
import sys

import django

from portal_site.environment import complete_environment

LEAST_NEAR_PERCENT = 90


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--without-suppression", action="store_true", help="only hide counts below 10: the attack must succeed"
    )
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal_site.settings")
    complete_environment(server=False)
    django.setup()
    from tests.attack.figures import CLOSE, run_attack  # noqa: PLC0415 - models need Django to be set up

    result = run_attack(years=options.years, seed=options.seed, without_suppression=options.without_suppression)
    print(
        f"Years: {result.years}. Hidden counts below 10: {result.hidden}, recovered: {result.recovered}. "
        f"Shown: {result.shown}, within {CLOSE} of the count: {result.near_percent:.1f} %."
    )
    if options.without_suppression and not result.recovered:
        sys.exit("Nothing was recovered although nothing was protected: the attack does not work.")
    if not options.without_suppression and (result.recovered or result.near_percent < LEAST_NEAR_PERCENT):
        sys.exit("The figures are not protected as they should be.")


if __name__ == "__main__":
    main()

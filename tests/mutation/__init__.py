"""Bugs seeded at random, one at a time, and whether the tests of their place find them: `python -m tests.mutation`."""

"""One model of the life of reports and incidents: it drives the real verbs against the real database.

`verbs` (a table for each area) and `jobs` list everything that changes a row, `invariants` what must hold after each
step, `clock` how time passes, `crash` how a process ends, and `machine` chooses among them (hypothesis). A new verb or
job is one row, and `test_discovery.py` fails until it has one. `seeded` lists bugs that the model has to find.
"""

"""The checks of `manage.py check --deploy` beyond Django's own, one module for each subject.

Run it once on each surface, in that surface's own environment: it asks the database, the keyring, the logs and the
web servers what *this* process gets, not what a file says. The checks that ask the database are security checks like
the others, not tagged `database`: Django leaves those out unless `--database` is given, and that would be forgotten.

Numbers: 1 to 9 surface, 10 to 19 keys, 20 to 29 database, 30 to 39 what is logged, 40 to 49 mail, 50 clock, 60 files
of networks, 70 to 79 threads and connections, 80 protection of analysts, 90 to 99 the release, 100 names of settings,
110 locks of the database server.
"""

from portal_site.checks import (
    capacity,
    clock,
    database,
    keys,
    logs,
    mail,
    public_role,
    release,
    server_settings,
    setting_names,
    surface,
    web_servers,
)

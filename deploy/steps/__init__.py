"""The steps of `deploy/install`, `upgrade`, `rollback` and `uninstall`.

Standard library only: they run with the Python of Debian before anything is installed.
"""

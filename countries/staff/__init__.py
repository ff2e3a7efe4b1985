"""Operators' pages, including the admin of portals; never loaded by the public site. Its rooms, in import order, are
requests, appearance, document, contacts, translation, workspace.
"""

"""Exports: tables that a person orders, written in the background and kept sealed until they fetch them."""

"""Demonstration data, created with the same actions as real data.

It uses only reserved names and neutral placeholder text. Reports sent to a demonstration are not read by a hotline.
"""

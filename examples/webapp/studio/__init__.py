"""Talking portraits: a web app around one ``heygen.map``."""

"""Personalised synopses and promos for films and shows, with a proof of what was not used."""

__version__ = "0.1.0"

"""Sentences for states, events, errors and alerts, in the languages of the catalogue."""

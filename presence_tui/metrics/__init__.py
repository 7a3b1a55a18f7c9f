"""Recorders of durations and counts, and what a reading of them holds. Everything above may record here."""

"""History in SQLite: changes, link transitions, coverage, and the last rosters."""

"""What happened, kept in SQLite: changes, link transitions, what was watched, and the last rosters."""

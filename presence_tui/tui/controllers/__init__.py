"""Controllers of the watch screen, by topic. Each offers its commands by name."""

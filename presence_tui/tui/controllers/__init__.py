"""What a person can do on the watch screen, by topic. Each controller offers its commands by name."""

"""Told when it matters: watch rules over the store, and the ways by which somebody is told."""

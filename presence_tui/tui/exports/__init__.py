"""Listings as CSV, JSON or Markdown, pictures, and the clipboard."""

"""The views of the watch screen, one file each. One of them is visible at a time."""

"""The views of the watch screen, one file each: ways to show the one store. One of them is seen at a time."""

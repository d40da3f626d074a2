"""The reports that commands write and show."""

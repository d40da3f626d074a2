"""The report: one HTML page that shows the people of one video."""

"""The videos that `people-pathing index` and the page of `up` show."""

"""Whether a role in NotificationChannel can do its work: what its policies say, and what they lack."""

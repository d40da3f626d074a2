"""Takes the pictures of the docs, from a generated scene in which no real person is shown."""

"""What commands list: one module for each kind of thing."""

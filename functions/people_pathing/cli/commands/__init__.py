"""The commands, one module each: a new module is a new command of the same name."""

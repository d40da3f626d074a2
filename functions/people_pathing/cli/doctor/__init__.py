"""Checks that say what would make a deployment fail, or what is wrong with a deployed stack."""

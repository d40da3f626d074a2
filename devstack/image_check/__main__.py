"""Checks the worker's image; see `python -m devstack.image_check --help`."""

import sys

from devstack.image_check.command import main

sys.exit(main())

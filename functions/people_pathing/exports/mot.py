"""MOTChallenge: one line per person and frame; see `engine.motchallenge`."""

from __future__ import annotations

from people_pathing.engine.motchallenge.writing import write as write

SUMMARY = "MOTChallenge rows for every frame"

"""The error of annotating videos."""

from __future__ import annotations


class AnnotationError(ValueError):
    """A video cannot be annotated as asked. The message names what is wrong and what would be right."""

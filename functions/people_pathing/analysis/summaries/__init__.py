"""From visits and crossings to figures: per section, per interval and per pair of sections."""

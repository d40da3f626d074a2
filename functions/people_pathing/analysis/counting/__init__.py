"""From observations to visits and crossings."""

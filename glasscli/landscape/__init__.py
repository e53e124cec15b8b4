"""The energy landscape: events between inherent structures, barriers, double wells, two-level systems."""

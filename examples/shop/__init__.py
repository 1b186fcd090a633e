"""A shop on the web: the example application."""

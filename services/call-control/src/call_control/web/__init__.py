"""Calls from the web: an HTTP API in front, an Event Socket connection behind, a machine between them."""

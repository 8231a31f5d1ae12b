"""What mod_httapi is told: actions, documents of them, and what a profile permits. Pure."""

"""mod_httapi's side: what it asks, which call that is of, and what comes with it."""

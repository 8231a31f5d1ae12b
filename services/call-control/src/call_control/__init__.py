"""What becomes of calls: applications for mod_httapi, and calls from web clients. The only writer to FreeSWITCH."""

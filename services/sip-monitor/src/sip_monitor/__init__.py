"""SIP on the bus: HEP datagrams in, dialogs and ladders out."""

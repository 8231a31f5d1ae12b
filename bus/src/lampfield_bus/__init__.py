"""Lampfield's contract: what is said on the bus, and how.

`topics`, `instants`, `messages`, `channels` and `asyncapi` are the contract: pure, and free of `lampfield_bus.node`,
which is what every process on the bus is (settings, link, health). The contract never imports the node.
"""

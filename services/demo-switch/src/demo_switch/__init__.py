"""A small synthetic PBX that speaks FreeSWITCH's Event Socket: for the demo and for tests.

It shares no code with the publisher that it is there to test, or both would agree on the same mistake. It needs
nothing but the standard library; the demo's embedded broker (broker.py) is an extra.
"""

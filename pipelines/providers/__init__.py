"""What processes know and rule about providers without asking one: circuits, limits, how each did.

Belongs here: pure rules over what `warehouse.ops` keeps, for whoever asks and whoever looks. Does not: asking
(`pipelines.sources`).
"""

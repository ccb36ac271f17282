"""SQL that somebody types: what is a query, a connection that can only read one file, and a process that can be killed.

Belongs here: reading what is published, by strangers too. Does not: queries of our own (`warehouse.reader`), who may
ask, keeping what was asked (`warehouse.ops`).
"""

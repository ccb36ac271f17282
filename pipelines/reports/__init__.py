"""Printable documents: figures of a view as PDF.

Belongs here: what is printed, a module a document, and what documents share (`page`). Does not: any figure (the engine
has them), files and routes (whoever asks writes the bytes).
"""

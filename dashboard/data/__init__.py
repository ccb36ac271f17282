"""The one door to the warehouse and the ledger: a module for what every page needs, and one for each kind of question.

Belongs here: reading, writing what people state, and the caches of it, by what was published and by the ledger's
version. Does not: wording (`views`), layout (`app_pages`).
"""

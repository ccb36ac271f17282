"""What screening says of one fetched value: that it is not to be believed as it stands.

Belongs here: the shape of findings, which screens return and quarantine takes. Does not: the screens, what is done with
what they find, gates on whole tables (`rules`, `declaration`).
"""

import polars as pl

FINDINGS = pl.Schema(
    {
        "table_name": pl.String,  # one of `warehouse.schema.market.HISTORIES`
        "about": pl.String,  # symbol, or currency of a rate
        "date": pl.Date,  # date or ex-date of the row
        "rule": pl.String,
        "column": pl.String,
        "value": pl.String,  # as fetched, null where it is the row's absence that is wrong
        "expected": pl.String,  # what would have been believed, null where nothing can be said
        "reason": pl.String,  # one line for people, that carries its data
        "held": pl.Boolean,  # whether the row is held back; False is a remark on a row that goes on
    }
)
"""One row a rule and a fetched row; a row of a history may have several."""

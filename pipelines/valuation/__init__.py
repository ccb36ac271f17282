"""Every portfolio through the engine, batch by batch, by worker processes where there are many.

Belongs here: `frames` cuts the warehouse's tables into one portfolio's, `batch` values some of them, `batches` all,
`workers` and `worker` do it in other processes. Does not: figures (`pipelines.portfolio`), Dagster, storage.
"""

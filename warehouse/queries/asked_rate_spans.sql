-- First and last fixing of each currency that a provider was asked for: what one source has of its own accord is left
-- out, but what it took the place of is not.
SELECT currency, min(date) AS first_stored, max(date) AS last_stored
FROM (
    SELECT currency, date, source FROM fx_history
    UNION ALL
    SELECT currency, date, source FROM fx_history_revisions
)
WHERE source <> ?
GROUP BY currency
ORDER BY currency

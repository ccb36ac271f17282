-- First and last session of each symbol that a provider was asked for: what one source has of its own accord is left
-- out, but what it took the place of is not.
SELECT symbol, min(date) AS first_stored, max(date) AS last_stored
FROM (
    SELECT symbol, date, source FROM price_history
    UNION ALL
    SELECT symbol, date, source FROM price_history_revisions
)
WHERE source <> ?
GROUP BY symbol
ORDER BY symbol

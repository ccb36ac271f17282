-- From which day on closes were told anew since a moment, of each symbol: what is stored in their place by now is
-- something else, and not a person's own.
SELECT symbol, min(date) AS since
FROM price_history_revisions AS revised
JOIN price_history AS stored USING (symbol, date)
WHERE revised.known_until >= ?
    AND stored.source <> ?
    AND (revised.close <> stored.close OR revised.currency <> stored.currency)
GROUP BY symbol
ORDER BY symbol

-- From which day on rates were told anew since a moment, of each currency: what is stored in their place by now is
-- something else, and not a person's own.
SELECT currency, min(date) AS since
FROM fx_history_revisions AS revised
JOIN fx_history AS stored USING (currency, date)
WHERE revised.known_until >= ?
    AND stored.source <> ?
    AND revised.per_eur <> stored.per_eur
GROUP BY currency
ORDER BY currency

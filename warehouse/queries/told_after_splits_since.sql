-- From which day on closes from before a split's day are stored that were told on it or later, of each symbol of these:
-- whether the split is believed decides what they are read as.
SELECT prices.symbol, min(date) AS since
FROM (SELECT unnest(?) AS symbol, unnest(?) AS ex_date) AS splits
JOIN price_history AS prices USING (symbol)
WHERE date < ex_date AND fetched_at >= ex_date::TIMESTAMPTZ
GROUP BY prices.symbol
ORDER BY prices.symbol

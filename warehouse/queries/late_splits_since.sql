-- From which day on closes are stored that may be divided for a split which their provider told only after them, since
-- a moment, of each symbol.
SELECT prices.symbol, min(prices.date) AS since
FROM split_history AS late
JOIN price_history AS prices USING (symbol, source)
WHERE late.fetched_at >= ?
    AND prices.date < late.ex_date
    AND prices.fetched_at < late.fetched_at
    AND prices.fetched_at::DATE >= late.ex_date
GROUP BY prices.symbol
ORDER BY prices.symbol

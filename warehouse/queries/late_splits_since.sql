-- From which day on closes are stored that a split of since a moment puts in doubt, of each symbol: those that its
-- provider told after its ex-date and before the split; those that it told in the ten days after, where others of them
-- were told anew since; and of a split whose ex-date is that near, the last ones before it, which show that first.
WITH doubted AS (
    SELECT prices.symbol, prices.date, late.ex_date, prices.fetched_at < late.fetched_at AS untold,
    prices.fetched_at::DATE <= late.ex_date + 10 AND EXISTS (
        FROM price_history_revisions AS revised
        WHERE revised.symbol = prices.symbol AND revised.date < late.ex_date
            AND revised.known_from >= late.fetched_at AND revised.known_until > prices.fetched_at
    ) AS others,
    late.ex_date >= moment::DATE AND prices.date >= late.ex_date - 7 AS last_ones
    FROM (SELECT ?::TIMESTAMPTZ AS moment)
    JOIN split_history AS late ON late.fetched_at >= moment
    JOIN price_history AS prices USING (symbol, source)
    WHERE prices.date < late.ex_date AND prices.fetched_at::DATE >= late.ex_date
        AND (prices.fetched_at < late.fetched_at OR late.ex_date >= moment::DATE - 10)
)
SELECT symbol, min(date) AS since
FROM doubted
WHERE untold OR others OR last_ones
GROUP BY symbol
ORDER BY symbol

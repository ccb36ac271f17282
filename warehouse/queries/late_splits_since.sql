-- From which day on closes are stored that a split of since a moment puts in doubt, of each symbol: those that its
-- provider told after its ex-date and before the split; those that it told in the ten days after, where others of them
-- were told anew since; and of a split whose ex-date is that near, the last ones before it, which show that first.
WITH late AS MATERIALIZED (
    SELECT symbol, source, ex_date, ex_date::TIMESTAMPTZ AS begun, (ex_date + 11)::TIMESTAMPTZ AS settled,
    fetched_at AS told_at, ex_date >= moment::DATE - 10 AS is_near, ex_date >= moment::DATE AS is_new
    FROM (SELECT ?::TIMESTAMPTZ AS moment)
    JOIN split_history ON fetched_at >= moment
),

doubted AS MATERIALIZED (
    SELECT prices.symbol, prices.date, prices.fetched_at, late.* EXCLUDE (symbol, source)
    FROM late
    JOIN price_history AS prices USING (symbol, source)
    WHERE prices.date < ex_date AND prices.fetched_at >= begun AND (prices.fetched_at < told_at OR is_near)
)

SELECT symbol, min(date) AS since
FROM doubted
WHERE fetched_at < told_at
    OR (is_new AND date >= ex_date - 7)
    OR (fetched_at < settled AND EXISTS (
        FROM price_history_revisions AS revised
        WHERE revised.symbol = doubted.symbol AND revised.date < ex_date
            AND revised.known_from >= told_at AND revised.known_until > fetched_at
    ))
GROUP BY symbol
ORDER BY symbol

-- From which day on closes are stored that a split of since a moment puts in doubt, of each symbol: those that its
-- provider told after its ex-date and before the split; those that it told in the ten days after, where others of them
-- were told anew since; of a split whose ex-date is that near, the last ones before it, which show that first; and those
-- that were read with another ratio of a split, which has been corrected or taken back since.
WITH asked AS (
    SELECT ?::TIMESTAMPTZ AS moment
),

late AS MATERIALIZED (
    SELECT symbol, source, ex_date, ex_date::TIMESTAMPTZ AS begun, (ex_date + 11)::TIMESTAMPTZ AS settled,
    fetched_at AS told_at, ex_date >= moment::DATE - 10 AS is_near, ex_date >= moment::DATE AS is_new
    FROM asked
    JOIN split_history ON fetched_at >= moment
),

doubted AS MATERIALIZED (
    SELECT prices.symbol, prices.date, prices.fetched_at, late.* EXCLUDE (symbol, source)
    FROM late
    JOIN price_history AS prices USING (symbol, source)
    WHERE prices.date < ex_date AND prices.fetched_at >= begun AND (prices.fetched_at < told_at OR is_near)
),

misread AS MATERIALIZED (
    SELECT prices.symbol, prices.date
    FROM asked
    JOIN split_history_revisions AS was ON known_until >= moment
    LEFT JOIN split_history AS now USING (symbol, ex_date)
    JOIN price_history AS prices ON prices.symbol = was.symbol AND prices.source = was.source
    WHERE prices.date < ex_date AND prices.fetched_at >= ex_date::TIMESTAMPTZ
        AND prices.fetched_at >= was.fetched_at AND prices.fetched_at < known_until
        AND was.ratio_new * coalesce(now.ratio_old, 1) != was.ratio_old * coalesce(now.ratio_new, 1)
)

SELECT symbol, min(date) AS since
FROM (
    SELECT symbol, date
    FROM doubted
    WHERE fetched_at < told_at
        OR (is_new AND date >= ex_date - 7)
        OR (fetched_at < settled AND EXISTS (
            FROM price_history_revisions AS revised
            WHERE revised.symbol = doubted.symbol AND revised.date < ex_date
                AND revised.known_from >= told_at AND revised.known_until > fetched_at
        ))
    UNION ALL
    FROM misread
)
GROUP BY symbol
ORDER BY symbol

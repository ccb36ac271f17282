-- Every symbol with its last stored price, and how many sessions of its exchange have ended since: the day that counts
-- as today, the moment that counts as now. The count is null where no session of the exchange is known. What is held and
-- was never told by anybody is there, too, with nothing but its symbol and the currency that its trades state.
WITH stored AS (
    SELECT symbol, max(date) AS last_date, count(*) AS stored_days, max(fetched_at) AS fetched_at
    FROM price_history
    GROUP BY symbol
),
held AS (SELECT symbol, min(currency) AS currency FROM holdings WHERE quantity <> 0 GROUP BY symbol),
ended AS (SELECT exchange, date FROM trading_sessions WHERE date <= ? AND coalesce(closes_at <= ?, true))
SELECT symbol, s.name, s.exchange, coalesce(s.currency, h.currency) AS currency, coalesce(s.status, 'unknown') AS status,
       h.symbol IS NOT NULL AS held, p.last_date, p.stored_days,
       p.fetched_at, s.last_price, s.last_price_at, s.price_source,
       CASE WHEN count(e.date) > 0 THEN count(e.date) FILTER (e.date > p.last_date) END AS sessions_behind
FROM symbols s
FULL JOIN held h USING (symbol)
LEFT JOIN stored p USING (symbol)
LEFT JOIN ended e ON e.exchange = s.exchange AND p.last_date IS NOT NULL
GROUP BY ALL
ORDER BY held DESC, sessions_behind DESC NULLS LAST, symbol;

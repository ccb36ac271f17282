-- Last fixing of each currency; of one that something is stated or held in, and that nobody told a rate of, its name only.
WITH needed AS (
    SELECT base_currency AS currency FROM portfolios
    UNION SELECT currency FROM holdings
    UNION SELECT currency FROM transactions
)
SELECT currency, max(date) AS last_date, arg_max(per_eur, date) AS per_eur, arg_max(source, date) AS source,
       max(fetched_at) AS fetched_at
FROM fx_history
FULL JOIN (FROM needed WHERE currency IS NOT NULL AND currency <> 'EUR') USING (currency)
GROUP BY currency
ORDER BY currency;

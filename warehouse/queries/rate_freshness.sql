-- Last fixing of each currency.
SELECT currency, max(date) AS last_date, arg_max(per_eur, date) AS per_eur, arg_max(source, date) AS source,
       max(fetched_at) AS fetched_at
FROM fx_history
GROUP BY currency
ORDER BY currency;

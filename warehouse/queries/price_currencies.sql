-- Every currency in which a symbol has prices.
SELECT DISTINCT symbol, currency
FROM price_history
ORDER BY symbol, currency

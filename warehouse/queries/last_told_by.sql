-- Who told the last stored price of some symbols, but for what one source has of its own accord.
SELECT symbol, arg_max(source, date) AS source
FROM price_history
WHERE symbol IN (SELECT unnest(?)) AND source <> ?
GROUP BY symbol

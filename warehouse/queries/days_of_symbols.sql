-- Every stored session of some symbols, but for what one source has of its own accord.
SELECT symbol, date
FROM price_history
WHERE symbol IN (SELECT unnest(?)) AND source <> ?

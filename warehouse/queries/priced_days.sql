-- Every stored session of each symbol since a day.
SELECT symbol, date
FROM price_history
WHERE date >= ?

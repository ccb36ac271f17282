-- How many sessions of each year are stored of each symbol.
SELECT symbol, CAST(year(date) AS INTEGER) AS year, CAST(count(*) AS INTEGER) AS days
FROM price_history
GROUP BY symbol, year(date)

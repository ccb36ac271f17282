-- First and last stored session of each symbol.
SELECT symbol, min(date) AS first_stored, max(date) AS last_stored
FROM price_history
GROUP BY symbol
ORDER BY symbol

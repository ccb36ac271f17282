-- First and last stored fixing of each currency.
SELECT currency, min(date) AS first_stored, max(date) AS last_stored
FROM fx_history
GROUP BY currency
ORDER BY currency

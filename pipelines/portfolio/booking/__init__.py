"""What transactions do to lots, cash, flows, income, fees and taxes (CALCULATIONS 1, 2).

Belongs here: `books` (what booking leaves behind), `journal` (money, cash and flows of one transaction), `holdings`
(lots of all accounts), `arrivals` (lots that come from elsewhere), and the effect of each type: `trading`, `payments`,
`corporate`; `booker` takes them in order. Does not: the order itself (`transactions`), matching (`lots`), valuation by
day (`daily`).
"""

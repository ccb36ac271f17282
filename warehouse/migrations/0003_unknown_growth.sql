-- Where a day's return is not known, neither is the growth from there on.
ALTER TABLE performance_daily ALTER COLUMN "growth" DROP NOT NULL;

-- The return without income stands beside the total one.
ALTER TABLE performance_summary ADD COLUMN "price_return" DOUBLE;

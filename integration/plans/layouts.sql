-- Only the part whose columns are used; the join is gone.
SELECT name FROM profiles WHERE born < DATE '1990-01-01';
-- An optional part is joined from the left.
SELECT name, notes FROM profiles WHERE id = 5;
-- Its columns alone: the keys are the complete part's.
SELECT notes FROM profiles WHERE notes IS NOT NULL;
SELECT id FROM profiles;
-- Hybrid.
SELECT name, salary FROM staff;
SELECT name FROM staff WHERE region = 'US';
SELECT sum(salary) FROM staff WHERE region = 'EU';
-- Derived.
SELECT sum(o.total) FROM people p JOIN orders o ON o.person = p.id WHERE p.region = 'EU';
-- Replicated.
SELECT rate FROM rates WHERE code = 'EUR';
-- Counting needs no column.
SELECT count(*) FROM people;

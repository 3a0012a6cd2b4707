-- The same filter, as each database takes it.
SELECT id FROM people WHERE name = 'Ada';
SELECT id FROM people WHERE name <> 'Ada';
SELECT id FROM people WHERE name >= 'M';
SELECT id FROM people WHERE name LIKE 'A%';
SELECT id FROM people WHERE name ILIKE 'a%';
SELECT id FROM people WHERE balance = 10.5;
SELECT id FROM people WHERE since >= DATE '2020-01-01';
SELECT id FROM people WHERE vip;
SELECT id FROM people WHERE vip IS NOT TRUE;
SELECT id FROM people WHERE vip IS UNKNOWN;
SELECT id FROM people WHERE (balance > 10) IS TRUE;
SELECT id FROM people WHERE (balance > 10) IS NOT TRUE;
SELECT id FROM people WHERE (name = 'Ada') IS NOT FALSE;
SELECT id FROM events WHERE load > 0.5;
SELECT id FROM events WHERE load = 0.0;
-- What is computed stays with us, and what goes with it by AND does not.
SELECT id FROM people WHERE upper(name) = 'ADA' AND balance > 10;
SELECT id FROM people WHERE upper(name) = 'ADA' OR balance > 10;
SELECT id FROM people WHERE balance + 1 > 10;
SELECT id FROM people WHERE id + 1 = 10;
SELECT id FROM people WHERE name = region;
-- Local names and expressions.
SELECT id, name, price FROM legacy WHERE id > 5 AND name = 'ab' AND price > 1;
SELECT id FROM legacy WHERE kind = 'thing';
SELECT id FROM legacy WHERE kind = 'other';

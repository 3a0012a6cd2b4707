-- One part is left.
SELECT name FROM people WHERE region = 'EU';
-- Two, and the alternatives of the filter go to each.
SELECT name FROM people WHERE region IN ('EU', 'US') AND balance > 100;
SELECT name FROM people WHERE region = 'EU' OR region = 'US' AND vip;
SELECT name FROM people WHERE NOT region = 'EU';
SELECT name FROM people WHERE region IS NULL;
SELECT name FROM people WHERE region <> 'EU' AND region <> 'US';
-- None is left: no database is asked.
SELECT name FROM people WHERE region = 'EU' AND region = 'US';
SELECT count(*) FROM people WHERE region IS NULL AND region = 'EU';
SELECT name FROM people WHERE region = NULL;
-- Ranges.
SELECT kind FROM events WHERE at BETWEEN '1990-01-01' AND '1999-12-31';
SELECT kind FROM events WHERE at >= TIMESTAMP '2024-01-01 00:00:00' AND at < TIMESTAMP '2024-02-01 00:00:00';
SELECT kind FROM events WHERE at NOT BETWEEN '1990-01-01' AND '2010-01-01';
SELECT kind FROM events WHERE CAST(at AS DATE) = DATE '1995-05-05';
SELECT kind FROM events WHERE at IS NOT NULL;
-- Remainders and hashes.
SELECT label FROM items WHERE id = 7;
SELECT label FROM items WHERE id IN (3, 6, 9, 10);
SELECT label FROM items WHERE id % 3 = 2;
SELECT label FROM items WHERE id % 6 = 4;
SELECT credit FROM accounts WHERE email = 'ada@example.com';
SELECT credit FROM accounts WHERE email > 'm';
-- Parameters prune as literals do.
SELECT label FROM items WHERE id = $1; --! 8
SELECT name FROM people WHERE region = $1 AND since > $2; --! 'US', DATE '2020-01-01'

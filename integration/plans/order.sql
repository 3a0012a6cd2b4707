-- The first rows of each part, sorted where the node sorts as we do.
SELECT id, balance FROM people ORDER BY balance DESC LIMIT 3;
SELECT id, name FROM people ORDER BY name, id LIMIT 3;
SELECT id FROM people ORDER BY id LIMIT 3 OFFSET 10;
SELECT id, region FROM people WHERE region = 'EU' ORDER BY since NULLS FIRST LIMIT 1;
-- Not under a filter that is checked again here, nor by what is computed.
SELECT id FROM people WHERE upper(name) = 'ADA' ORDER BY id LIMIT 3;
SELECT id FROM people ORDER BY balance + 1 LIMIT 3;
SELECT id FROM events ORDER BY load LIMIT 3;
-- Limits.
SELECT id FROM people LIMIT 5;
SELECT id FROM people LIMIT 5 OFFSET 5;
SELECT id FROM people WHERE name = 'Ada' LIMIT 5;
SELECT id FROM people LIMIT 0;
SELECT code FROM rates ORDER BY code LIMIT 2;

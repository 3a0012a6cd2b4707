-- The plan after each step that changed it.
EXPLAIN VERBOSE SELECT name FROM people WHERE region = 'EU' AND balance > 100;
EXPLAIN VERBOSE SELECT name, salary FROM staff WHERE salary > 10 ORDER BY id LIMIT 2;
EXPLAIN VERBOSE SELECT name FROM people WHERE region = 'EU' AND region = 'US';

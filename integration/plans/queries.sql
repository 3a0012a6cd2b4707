-- Subqueries, CTEs and set operations prune and push down in each of their branches.
SELECT name FROM people WHERE region = 'EU' AND id IN (SELECT person FROM orders WHERE total > 100);
SELECT name FROM people p WHERE EXISTS (SELECT 1 FROM orders o WHERE o.person = p.id AND o.placed > DATE '2024-01-01');
SELECT name, (SELECT max(rate) FROM rates) FROM people WHERE region = 'US';
WITH rich AS (SELECT * FROM people WHERE balance > 1000) SELECT name FROM rich WHERE region = 'EU';
SELECT id FROM people WHERE region = 'EU' UNION ALL SELECT id FROM staff WHERE region = 'US';
SELECT id FROM people WHERE region = 'EU' EXCEPT SELECT id FROM staff;
SELECT region, count(*) FROM people WHERE region <> 'EU' GROUP BY region HAVING count(*) > 1;
SELECT p.name, i.label FROM people p CROSS JOIN items i WHERE p.id = 1 AND i.id = 2;
SELECT 1;

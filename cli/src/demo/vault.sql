-- What is personal of the American customers stays in a database of its own.
CREATE TABLE customer_private (id INTEGER PRIMARY KEY, email TEXT, balance DECIMAL(12,2) NOT NULL);

INSERT INTO customer_private
WITH RECURSIVE
  numbers(id) AS (SELECT 3501 UNION ALL SELECT id + 1 FROM numbers WHERE id < 6000)
SELECT id, CASE WHEN id % 13 > 0 THEN 'customer' || id || '@example.us' END, ((id * 2246822519 % 4294967296 >> 16) % 30000 - 4000) / 100.0
FROM numbers;

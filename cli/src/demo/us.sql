-- The American house grew up on its own: other names for the same things, no region (all are American), time as seconds
-- since 1970. Its customers' addresses and balances are kept in the vault.
CREATE TABLE country (iso TEXT PRIMARY KEY NOT NULL, country_name TEXT NOT NULL, currency TEXT NOT NULL);

INSERT INTO country VALUES
  ('AT', 'Austria', 'EUR'), ('CA', 'Canada', 'CAD'), ('DE', 'Germany', 'EUR'), ('DK', 'Denmark', 'DKK'),
  ('ES', 'Spain', 'EUR'), ('FR', 'France', 'EUR'), ('IT', 'Italy', 'EUR'), ('MX', 'Mexico', 'MXN'),
  ('NL', 'Netherlands', 'EUR'), ('PL', 'Poland', 'PLN'), ('PT', 'Portugal', 'EUR'), ('SE', 'Sweden', 'SEK'),
  ('US', 'United States', 'USD');

CREATE TABLE customer (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, country TEXT NOT NULL, created_at INTEGER NOT NULL);

INSERT INTO customer
WITH RECURSIVE
  given(n, name) AS (VALUES
    (0, 'Aaliyah'), (1, 'Ben'), (2, 'Camila'), (3, 'Diego'), (4, 'Emma'), (5, 'Frank'), (6, 'Grace'), (7, 'Hiroshi'), (8, 'Isabel'),
    (9, 'Jamal'), (10, 'Kate'), (11, 'Liam'), (12, 'Mei'), (13, 'Noah'), (14, 'Olivia'), (15, 'Priya'), (16, 'Quinn'), (17, 'Ruth'),
    (18, 'Sofía'), (19, 'Tyler'), (20, 'Valentina'), (21, 'Will'), (22, 'Yusuf')),
  family(n, name) AS (VALUES
    (0, 'Adams'), (1, 'Bennett'), (2, 'Castillo'), (3, 'Davis'), (4, 'Edwards'), (5, 'Flores'), (6, 'Green'), (7, 'Hernández'),
    (8, 'Ito'), (9, 'Johnson'), (10, 'Kim'), (11, 'López'), (12, 'Miller'), (13, 'Nguyen'), (14, 'O''Brien'), (15, 'Patel'),
    (16, 'Ramírez'), (17, 'Smith'), (18, 'Tremblay'), (19, 'Walker'), (20, 'Washington'), (21, 'Young'), (22, 'Zhang')),
  countries(n, code) AS (VALUES (0, 'US'), (1, 'US'), (2, 'CA'), (3, 'US'), (4, 'MX'), (5, 'US'), (6, 'US')),
  numbers(id) AS (SELECT 3501 UNION ALL SELECT id + 1 FROM numbers WHERE id < 6000)
SELECT id, given.name || ' ' || family.name, countries.code, 1483228800 + 86400 * ((id * 668265263 % 4294967296 >> 16) % 2190)
FROM numbers
CROSS JOIN given ON given.n = (id * 2654435761 % 4294967296 >> 16) % 23
CROSS JOIN family ON family.n = (id * 3266489917 % 4294967296 >> 12) % 23
CROSS JOIN countries ON countries.n = (id * 2246822519 % 4294967296 >> 20) % 7;

CREATE TABLE sales (order_no INTEGER PRIMARY KEY, customer INTEGER NOT NULL, product INTEGER NOT NULL, placed INTEGER NOT NULL, quantity INTEGER NOT NULL, total TEXT NOT NULL);

INSERT INTO sales
WITH RECURSIVE
  numbers(id) AS (SELECT 22001 UNION ALL SELECT id + 1 FROM numbers WHERE id < 38000),
  drawn AS MATERIALIZED (
    SELECT id, 3501 + (id * 2654435761 % 4294967296 >> 8) % 2500 AS customer, 1 + (id * 3266489917 % 4294967296 >> 10) % 600 AS product,
           max(id * 2246822519 % 4294967296 >> 4, id * 668265263 % 4294967296 >> 4) % 86400000 AS second, 1 + id % 7 / 3 AS quantity
    FROM numbers)
SELECT id, customer, product, 1672876800 + second, quantity,
       printf('%d.%02d', quantity * (799 + (product * 2246822519 % 4294967296 >> 16) % 32 * 100) / 100, quantity * (799 + (product * 2246822519 % 4294967296 >> 16) % 32 * 100) % 100)
FROM drawn;

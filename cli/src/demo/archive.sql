-- Visits of the past years, a table a year, and a copy of the countries.
CREATE TABLE countries (code TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, currency TEXT NOT NULL);

INSERT INTO countries VALUES
  ('AT', 'Austria', 'EUR'), ('CA', 'Canada', 'CAD'), ('DE', 'Germany', 'EUR'), ('DK', 'Denmark', 'DKK'),
  ('ES', 'Spain', 'EUR'), ('FR', 'France', 'EUR'), ('IT', 'Italy', 'EUR'), ('MX', 'Mexico', 'MXN'),
  ('NL', 'Netherlands', 'EUR'), ('PL', 'Poland', 'PLN'), ('PT', 'Portugal', 'EUR'), ('SE', 'Sweden', 'SEK'),
  ('US', 'United States', 'USD');

CREATE TABLE visits_2023 (id INTEGER PRIMARY KEY, seen DATETIME NOT NULL, country TEXT NOT NULL, page TEXT NOT NULL, seconds INTEGER);

INSERT INTO visits_2023
WITH RECURSIVE
  pages(n, path) AS (VALUES (0, '/'), (1, '/'), (2, '/search'), (3, '/new'), (4, '/record'), (5, '/record'), (6, '/record'), (7, '/basket'), (8, '/help')),
  countries(n, code) AS (VALUES (0, 'DE'), (1, 'US'), (2, 'FR'), (3, 'US'), (4, 'IT'), (5, 'CA'), (6, 'ES'), (7, 'MX'), (8, 'NL'), (9, 'PL'), (10, 'US')),
  numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 15000)
SELECT id, datetime('2023-01-01', '+' || ((id - 1) * 2102 + id * 2654435761 % 2102) || ' seconds'), countries.code, pages.path,
       CASE WHEN id % 9 > 0 THEN 3 + (id * 668265263 % 4294967296 >> 16) % 240 END
FROM numbers
CROSS JOIN pages ON pages.n = (id * 3266489917 % 4294967296 >> 16) % 9
CROSS JOIN countries ON countries.n = (id * 2246822519 % 4294967296 >> 16) % 11;

CREATE TABLE visits_2024 (id INTEGER PRIMARY KEY, seen DATETIME NOT NULL, country TEXT NOT NULL, page TEXT NOT NULL, seconds INTEGER);

INSERT INTO visits_2024
WITH RECURSIVE
  pages(n, path) AS (VALUES (0, '/'), (1, '/'), (2, '/search'), (3, '/new'), (4, '/record'), (5, '/record'), (6, '/record'), (7, '/basket'), (8, '/help')),
  countries(n, code) AS (VALUES (0, 'DE'), (1, 'US'), (2, 'FR'), (3, 'US'), (4, 'IT'), (5, 'CA'), (6, 'ES'), (7, 'MX'), (8, 'NL'), (9, 'PL'), (10, 'US')),
  numbers(id) AS (SELECT 15001 UNION ALL SELECT id + 1 FROM numbers WHERE id < 35000)
SELECT id, datetime('2024-01-01', '+' || ((id - 15001) * 1581 + id * 2654435761 % 1581) || ' seconds'), countries.code, pages.path,
       CASE WHEN id % 9 > 0 THEN 3 + (id * 668265263 % 4294967296 >> 16) % 240 END
FROM numbers
CROSS JOIN pages ON pages.n = (id * 3266489917 % 4294967296 >> 16) % 9
CROSS JOIN countries ON countries.n = (id * 2246822519 % 4294967296 >> 16) % 11;

-- The European house: its customers and their orders, the catalogue of records, this year's visits of the web site.
-- Everything follows from row numbers, so that each run makes the same rows.
CREATE TABLE countries (code TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, currency TEXT NOT NULL);

INSERT INTO countries VALUES
  ('AT', 'Austria', 'EUR'), ('CA', 'Canada', 'CAD'), ('DE', 'Germany', 'EUR'), ('DK', 'Denmark', 'DKK'),
  ('ES', 'Spain', 'EUR'), ('FR', 'France', 'EUR'), ('IT', 'Italy', 'EUR'), ('MX', 'Mexico', 'MXN'),
  ('NL', 'Netherlands', 'EUR'), ('PL', 'Poland', 'PLN'), ('PT', 'Portugal', 'EUR'), ('SE', 'Sweden', 'SEK'),
  ('US', 'United States', 'USD');

CREATE TABLE products (id INTEGER PRIMARY KEY, title TEXT NOT NULL, artist TEXT NOT NULL, genre TEXT NOT NULL, price DECIMAL(8,2) NOT NULL);

INSERT INTO products
WITH RECURSIVE
  adjectives(n, word) AS (VALUES
    (0, 'Amber'), (1, 'Blue'), (2, 'Borrowed'), (3, 'Broken'), (4, 'Crooked'), (5, 'Distant'), (6, 'Early'), (7, 'Electric'),
    (8, 'Golden'), (9, 'Hidden'), (10, 'Hollow'), (11, 'Late'), (12, 'Little'), (13, 'Lost'), (14, 'Midnight'), (15, 'Northern'),
    (16, 'Paper'), (17, 'Quiet'), (18, 'Restless'), (19, 'Silver'), (20, 'Slow'), (21, 'Velvet'), (22, 'Wild'), (23, 'Winter')),
  nouns(n, word) AS (VALUES
    (0, 'Avenue'), (1, 'Bridges'), (2, 'Carousel'), (3, 'Clocks'), (4, 'Dancers'), (5, 'Echoes'), (6, 'Fields'), (7, 'Gardens'),
    (8, 'Harbour'), (9, 'Islands'), (10, 'Kingdom'), (11, 'Lanterns'), (12, 'Letters'), (13, 'Machines'), (14, 'Mirrors'),
    (15, 'Oceans'), (16, 'Parade'), (17, 'Rivers'), (18, 'Satellites'), (19, 'Shadows'), (20, 'Stations'), (21, 'Thunder'),
    (22, 'Trains'), (23, 'Voices'), (24, 'Windows')),
  bands(n, name) AS (VALUES
    (0, 'The Understudies'), (1, 'Marta Lindqvist'), (2, 'Copper & Pine'), (3, 'Orchestra Paulista'), (4, 'Ines Carvalho'),
    (5, 'Night Ferry'), (6, 'The Cartographers'), (7, 'Kwame Asante Quartet'), (8, 'Polar Choir'), (9, 'Juno Park'),
    (10, 'Les Tricoteuses'), (11, 'Dry County'), (12, 'Anton Weiss Trio')),
  genres(n, name) AS (VALUES
    (0, 'Jazz'), (1, 'Rock'), (2, 'Folk'), (3, 'Electronic'), (4, 'Classical'), (5, 'Soul')),
  numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 600)
SELECT id, adjectives.word || ' ' || nouns.word, bands.name, genres.name,
       (799 + (id * 2246822519 % 4294967296 >> 16) % 32 * 100) / 100.0
FROM numbers
CROSS JOIN adjectives ON adjectives.n = id % 24
CROSS JOIN nouns ON nouns.n = id % 25
CROSS JOIN bands ON bands.n = (id * 2654435761 % 4294967296 >> 16) % 13
CROSS JOIN genres ON genres.n = (id * 3266489917 % 4294967296 >> 16) % 6;

CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, email TEXT, balance DECIMAL(12,2) NOT NULL, since DATE NOT NULL);

INSERT INTO customers
WITH RECURSIVE
  given(n, name) AS (VALUES
    (0, 'Anna'), (1, 'Bruno'), (2, 'Chiara'), (3, 'David'), (4, 'Elif'), (5, 'Fatima'), (6, 'Georg'), (7, 'Hanna'), (8, 'Ivan'),
    (9, 'Jeanne'), (10, 'Karol'), (11, 'Lena'), (12, 'Mateo'), (13, 'Nora'), (14, 'Olga'), (15, 'Pau'), (16, 'Rosa'), (17, 'Søren'),
    (18, 'Teresa'), (19, 'Ulrich'), (20, 'Vera'), (21, 'Wim'), (22, 'Zoë')),
  family(n, name) AS (VALUES
    (0, 'Almeida'), (1, 'Bakker'), (2, 'Conti'), (3, 'Dubois'), (4, 'Eriksson'), (5, 'Fischer'), (6, 'García'), (7, 'Hansen'),
    (8, 'Ionescu'), (9, 'Jansen'), (10, 'Kowalski'), (11, 'Lefèvre'), (12, 'Moreau'), (13, 'Novák'), (14, 'Olsen'), (15, 'Pereira'),
    (16, 'Rossi'), (17, 'Schmidt'), (18, 'Torres'), (19, 'Ulloa'), (20, 'Vogel'), (21, 'Wagner'), (22, 'Yılmaz'), (23, 'Zieliński'),
    (24, 'Öberg'), (25, 'Ferrari'), (26, 'Klein'), (27, 'Martin'), (28, 'Müller')),
  countries(n, code) AS (VALUES
    (0, 'DE'), (1, 'FR'), (2, 'DE'), (3, 'IT'), (4, 'ES'), (5, 'NL'), (6, 'PL'), (7, 'SE'), (8, 'AT'), (9, 'FR'), (10, 'PT'), (11, 'DK')),
  numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 3500)
SELECT id, given.name || ' ' || family.name, countries.code,
       CASE WHEN id % 11 > 0 THEN 'customer' || id || '@example.eu' END,
       ((id * 2246822519 % 4294967296 >> 16) % 20000 - 2500) / 100.0,
       date('2017-01-01', '+' || ((id * 668265263 % 4294967296 >> 16) % 2190) || ' days')
FROM numbers
CROSS JOIN given ON given.n = (id * 2654435761 % 4294967296 >> 16) % 23
CROSS JOIN family ON family.n = (id * 3266489917 % 4294967296 >> 16) % 29
CROSS JOIN countries ON countries.n = (id * 668265263 % 4294967296 >> 20) % 12;

CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, product_id INTEGER NOT NULL, placed DATETIME NOT NULL, quantity INTEGER NOT NULL, total DECIMAL(12,2) NOT NULL);

INSERT INTO orders
WITH RECURSIVE
  numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 22000),
  drawn AS MATERIALIZED (
    SELECT id, 1 + (id * 2654435761 % 4294967296 >> 8) % 3500 AS customer_id, 1 + (id * 3266489917 % 4294967296 >> 10) % 600 AS product_id,
           max(id * 2246822519 % 4294967296 >> 4, id * 668265263 % 4294967296 >> 4) % 86400000 AS second, 1 + id % 7 / 3 AS quantity
    FROM numbers)
SELECT drawn.id, customer_id, product_id, datetime('2023-01-05', '+' || second || ' seconds'), quantity, round(quantity * price, 2)
FROM drawn JOIN products ON products.id = product_id;

CREATE TABLE visits (id INTEGER PRIMARY KEY, seen DATETIME NOT NULL, country TEXT NOT NULL, page TEXT NOT NULL, seconds INTEGER);

INSERT INTO visits
WITH RECURSIVE
  pages(n, path) AS (VALUES (0, '/'), (1, '/'), (2, '/search'), (3, '/new'), (4, '/record'), (5, '/record'), (6, '/record'), (7, '/basket'), (8, '/help')),
  countries(n, code) AS (VALUES (0, 'DE'), (1, 'US'), (2, 'FR'), (3, 'US'), (4, 'IT'), (5, 'CA'), (6, 'ES'), (7, 'MX'), (8, 'NL'), (9, 'PL'), (10, 'US')),
  numbers(id) AS (SELECT 35001 UNION ALL SELECT id + 1 FROM numbers WHERE id < 57000)
SELECT id, datetime('2025-01-01', '+' || ((id - 35001) * 1190 + id * 2654435761 % 1190) || ' seconds'), countries.code, pages.path,
       CASE WHEN id % 9 > 0 THEN 3 + (id * 668265263 % 4294967296 >> 16) % 240 END
FROM numbers
CROSS JOIN pages ON pages.n = (id * 3266489917 % 4294967296 >> 16) % 9
CROSS JOIN countries ON countries.n = (id * 2246822519 % 4294967296 >> 16) % 11;

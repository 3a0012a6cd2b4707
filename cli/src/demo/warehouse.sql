-- What the warehouse knows of each record, and what listeners say of those that somebody has rated.
CREATE TABLE stock (product INTEGER PRIMARY KEY, on_hand INTEGER NOT NULL, shelf TEXT NOT NULL);

INSERT INTO stock
WITH RECURSIVE
  numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 600)
SELECT id, (id * 668265263 % 4294967296 >> 16) % 90, char(65 + id % 6) || printf('%02d', id % 40)
FROM numbers;

CREATE TABLE ratings (product INTEGER PRIMARY KEY, stars REAL NOT NULL, votes INTEGER NOT NULL);

INSERT INTO ratings
WITH RECURSIVE
  numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 600)
SELECT id, 2 + (id * 2654435761 % 4294967296 >> 16) % 31 / 10.0, 1 + (id * 3266489917 % 4294967296 >> 16) % 400
FROM numbers WHERE id % 4 > 0;

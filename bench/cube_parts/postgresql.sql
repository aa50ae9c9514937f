-- The best PostgreSQL SQL that we know for the same cells: leaf first as in duckdb.sql, sums of integers (those of bigint are numeric, and
-- slow), and for people COUNT(DISTINCT) under grouping sets: masks, the best on DuckDB, take longer here.
--
-- Given: flow, stock, people (facts, by kind), tree (area, parent), up (area, above), m (month), measure (code).

CREATE UNLOGGED TABLE leaf_flow AS
SELECT measure, date_trunc('month', day)::date AS month, area, unit, SUM(value) AS den,
       SUM(value) FILTER (WHERE dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
       SUM(value) FILTER (WHERE dimensions = 'channel=online;sex=f') AS num1
FROM flow WHERE day BETWEEN DATE '$first' AND DATE '$last' GROUP BY 1, 2, 3, 4;

CREATE UNLOGGED TABLE delta AS
WITH s AS (
    SELECT measure, date_trunc('month', day)::date AS month, area, unit, dimensions, value,
           lead(date_trunc('month', day)::date) OVER (PARTITION BY measure, record ORDER BY day, recorded_at) AS next
    FROM stock WHERE day <= DATE '$last'),
d AS (
    SELECT measure, month, area, unit, dimensions, value, 1 AS n FROM s WHERE next IS NULL OR next > month
    UNION ALL SELECT measure, next, area, unit, dimensions, -value, -1 FROM s WHERE next > month)
SELECT measure, month, area, unit, SUM(value) AS den, SUM(n) AS n,
       SUM(value) FILTER (WHERE dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
       SUM(n) FILTER (WHERE dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS n0,
       SUM(value) FILTER (WHERE dimensions = 'channel=online;sex=f') AS num1,
       SUM(n) FILTER (WHERE dimensions = 'channel=online;sex=f') AS n1
FROM d GROUP BY 1, 2, 3, 4;

CREATE UNLOGGED TABLE leaf AS
SELECT measure, month, area, unit, den::integer, COALESCE(num0, 0)::integer AS num0, COALESCE(num1, 0)::integer AS num1,
       num0 IS NOT NULL AS has0, num1 IS NOT NULL AS has1 FROM leaf_flow
UNION ALL
SELECT d.measure, m.month, d.area, d.unit, SUM(den)::integer, COALESCE(SUM(num0), 0)::integer, COALESCE(SUM(num1), 0)::integer,
       COALESCE(SUM(n0), 0) > 0, COALESCE(SUM(n1), 0) > 0
FROM delta d JOIN m ON m.month >= d.month GROUP BY d.measure, m.month, d.area, d.unit HAVING SUM(n) > 0;
ANALYZE leaf;

CREATE UNLOGGED TABLE sums AS
SELECT measure, month, above AS area, '' AS who, SUM(den) AS den, SUM(num0) AS num0, SUM(num1) AS num1, TRUE AS has0, TRUE AS has1
FROM (SELECT measure, month, area, SUM(den)::integer AS den, SUM(num0)::integer AS num0, SUM(num1)::integer AS num1
      FROM leaf GROUP BY 1, 2, 3) l JOIN up USING (area)
GROUP BY 1, 2, 3
UNION ALL
SELECT measure, month, above, unit, SUM(den), SUM(num0), SUM(num1), bool_or(has0), bool_or(has1)
FROM leaf JOIN up USING (area) GROUP BY 1, 2, 3, 4;

CREATE UNLOGGED TABLE wide AS
SELECT measure, month, COALESCE(area, district, province) AS area, COALESCE(unit, '') AS who, COUNT(DISTINCT entity) AS den,
       COUNT(DISTINCT entity) FILTER (WHERE dimensions LIKE 'channel=online%') AS num0,
       COUNT(DISTINCT entity) FILTER (WHERE dimensions = 'channel=online;sex=f') AS num1
FROM (
    SELECT f.measure, date_trunc('month', f.day)::date AS month, d.parent AS province, t.parent AS district, f.area, f.unit, f.dimensions, f.entity
    FROM people f JOIN tree t USING (area) JOIN tree d ON d.area = t.parent
    WHERE f.day BETWEEN DATE '$first' AND DATE '$last'
) f
GROUP BY GROUPING SETS (
    (measure, month, province), (measure, month, province, district), (measure, month, province, district, area),
    (measure, month, province, unit), (measure, month, province, district, unit), (measure, month, province, district, area, unit)
);

CREATE UNLOGGED TABLE found AS
SELECT s.month, s.measure || v.side AS side, s.area, s.who,
       CASE v.col WHEN 'den' THEN den WHEN 'num0' THEN num0 ELSE num1 END::bigint AS value
FROM sums s, (VALUES ('/0 num', 'num0'), ('/0 den', 'den'), ('/1 num', 'num1'), ('/1 den', 'den')) v(side, col)
WHERE v.col = 'den' OR (v.col = 'num0' AND has0) OR (v.col = 'num1' AND has1)
UNION ALL
SELECT s.month, s.measure || v.side, s.area, s.who, v.value
FROM wide s, LATERAL (VALUES ('/0 num', num0), ('/0 den', den), ('/1 num', num1), ('/1 den', den)) v(side, value)
WHERE who = '' OR v.value > 0;
ANALYZE found;

-- What the one source holds no fact of is zero, for everybody.
INSERT INTO found
SELECT e.month, e.side, e.area, '', 0
FROM (
    SELECT m.month, measure.code || v.side AS side, tree.area
    FROM m, tree, measure, (VALUES ('/0 num'), ('/0 den'), ('/1 num'), ('/1 den')) v(side)
) e
WHERE NOT EXISTS (SELECT FROM found f WHERE f.who = '' AND f.month = e.month AND f.side = e.side AND f.area = e.area);

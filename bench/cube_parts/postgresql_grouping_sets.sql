-- The same cells as anybody would write them for PostgreSQL: grouping sets over the facts, COUNT(DISTINCT) for people. Stocks, which no
-- grouping set can say, as what came and went, then likewise.
--
-- Given: flow, stock, people (facts, by kind), tree (area, parent), m (month), measure (code).

CREATE UNLOGGED TABLE sums AS
SELECT measure, month, COALESCE(area, district, province) AS area, COALESCE(unit, '') AS who, SUM(value) AS den,
       SUM(value) FILTER (WHERE dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
       SUM(value) FILTER (WHERE dimensions = 'channel=online;sex=f') AS num1
FROM (
    SELECT f.measure, date_trunc('month', f.day)::date AS month, d.parent AS province, t.parent AS district, f.area, f.unit, f.dimensions, f.value
    FROM flow f JOIN tree t USING (area) JOIN tree d ON d.area = t.parent
    WHERE f.day BETWEEN DATE '$first' AND DATE '$last'
) f
GROUP BY GROUPING SETS (
    (measure, month, province), (measure, month, province, district), (measure, month, province, district, area),
    (measure, month, province, unit), (measure, month, province, district, unit), (measure, month, province, district, area, unit)
);

CREATE UNLOGGED TABLE delta AS
WITH s AS (
    SELECT measure, date_trunc('month', day)::date AS month, area, unit, dimensions, value,
           lead(date_trunc('month', day)::date) OVER (PARTITION BY measure, record ORDER BY day, recorded_at) AS next
    FROM stock WHERE day <= DATE '$last')
SELECT measure, month, area, unit, dimensions, value, 1 AS n FROM s WHERE next IS NULL OR next > month
UNION ALL SELECT measure, next, area, unit, dimensions, -value, -1 FROM s WHERE next > month;

INSERT INTO sums
SELECT measure, month, COALESCE(area, district, province), COALESCE(unit, ''), SUM(value),
       CASE WHEN unit IS NULL OR SUM(n) FILTER (WHERE dimensions LIKE 'channel=online%') > 0
            THEN COALESCE(SUM(value) FILTER (WHERE dimensions LIKE 'channel=online%'), 0) END,
       CASE WHEN unit IS NULL OR SUM(n) FILTER (WHERE dimensions = 'channel=online;sex=f') > 0
            THEN COALESCE(SUM(value) FILTER (WHERE dimensions = 'channel=online;sex=f'), 0) END
FROM (
    SELECT f.measure, m.month, d.parent AS province, t.parent AS district, f.area, f.unit, f.dimensions, SUM(f.value) AS value, SUM(f.n) AS n
    FROM (SELECT measure, month, area, unit, dimensions, SUM(value) AS value, SUM(n) AS n FROM delta GROUP BY 1, 2, 3, 4, 5) f
    JOIN m ON m.month >= f.month JOIN tree t USING (area) JOIN tree d ON d.area = t.parent
    GROUP BY 1, 2, 3, 4, 5, 6, 7
) f
GROUP BY GROUPING SETS (
    (measure, month, province), (measure, month, province, district), (measure, month, province, district, area),
    (measure, month, province, unit), (measure, month, province, district, unit), (measure, month, province, district, area, unit)
)
HAVING SUM(n) > 0;

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
SELECT s.month, s.measure || v.side AS side, s.area, s.who, v.value::bigint AS value
FROM sums s, LATERAL (VALUES ('/0 num', num0), ('/0 den', den), ('/1 num', num1), ('/1 den', den)) v(side, value)
WHERE v.value IS NOT NULL
UNION ALL
SELECT s.month, s.measure || v.side, s.area, s.who, v.value
FROM wide s, LATERAL (VALUES ('/0 num', num0), ('/0 den', den), ('/1 num', num1), ('/1 den', den)) v(side, value)
WHERE who = '' OR v.value > 0;
ANALYZE found;

INSERT INTO found
SELECT e.month, e.side, e.area, '', 0
FROM (
    SELECT m.month, measure.code || v.side AS side, tree.area
    FROM m, tree, measure, (VALUES ('/0 num'), ('/0 den'), ('/1 num'), ('/1 den')) v(side)
) e
WHERE NOT EXISTS (SELECT FROM found f WHERE f.who = '' AND f.month = e.month AND f.side = e.side AND f.area = e.area);

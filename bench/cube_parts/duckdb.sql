-- The best DuckDB SQL by hand that we know for the cells of bench/cube.py: reviewed 27/11/2026.
--
-- Leaf first, then up the tree; a bit mask for each person; stocks as what came and went. It knows what the program must find out:
-- one source holds all of a measure, so nothing is silenced, owed or left unpaired.
--
-- Given: tree (area, parent), up (area, above; itself too), m (month), measure (code).

CREATE TEMP TABLE flow AS
SELECT measure, date_trunc('month', day) AS month, area, unit, SUM(value) AS den,
       SUM(value) FILTER (dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
       SUM(value) FILTER (dimensions = 'channel=online;sex=f') AS num1
FROM $flow WHERE day BETWEEN DATE '$first' AND DATE '$last' GROUP BY ALL;

CREATE TEMP TABLE delta AS
WITH s AS (
    SELECT measure, date_trunc('month', day) AS month, area, unit, dimensions, value,
           lead(date_trunc('month', day)) OVER (PARTITION BY measure, record ORDER BY day, recorded_at) AS next
    FROM $stock WHERE day <= DATE '$last'),
d AS (
    SELECT measure, month, area, unit, dimensions, value, 1 AS n FROM s WHERE next IS NULL OR next > month
    UNION ALL SELECT measure, next, area, unit, dimensions, -value, -1 FROM s WHERE next > month)
SELECT measure, month, area, unit, SUM(value) AS den, SUM(n) AS n,
       SUM(value) FILTER (dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS num0,
       SUM(n) FILTER (dimensions IN ('channel=online;sex=f', 'channel=online;sex=m')) AS n0,
       SUM(value) FILTER (dimensions = 'channel=online;sex=f') AS num1,
       SUM(n) FILTER (dimensions = 'channel=online;sex=f') AS n1
FROM d GROUP BY ALL;

CREATE TEMP TABLE leaf AS
SELECT measure, month, area, unit, den, COALESCE(num0, 0) AS num0, COALESCE(num1, 0) AS num1,
       num0 IS NOT NULL AS has0, num1 IS NOT NULL AS has1 FROM flow
UNION ALL
SELECT d.measure, m.month, d.area, d.unit, SUM(den), COALESCE(SUM(num0), 0), COALESCE(SUM(num1), 0),
       COALESCE(SUM(n0), 0) > 0, COALESCE(SUM(n1), 0) > 0
FROM delta d JOIN m ON m.month >= d.month GROUP BY d.measure, m.month, d.area, d.unit HAVING SUM(n) > 0;

CREATE TEMP TABLE sums AS
SELECT measure, month, above AS area, '' AS who, SUM(den) AS den, SUM(num0) AS num0, SUM(num1) AS num1, TRUE AS has0, TRUE AS has1
FROM (SELECT measure, month, area, SUM(den) AS den, SUM(num0) AS num0, SUM(num1) AS num1 FROM leaf GROUP BY ALL) JOIN up USING (area)
GROUP BY ALL
UNION ALL
SELECT measure, month, above, unit, SUM(den), SUM(num0), SUM(num1), bool_or(has0), bool_or(has1)
FROM leaf JOIN up USING (area) GROUP BY ALL;

-- Bits 2, 1, 0 of three measures: everybody, online, women online.
CREATE TEMP TABLE p2 AS
SELECT date_trunc('month', day) AS month, area, unit, entity,
       bit_or((4 + CASE WHEN dimensions LIKE 'channel=online%' THEN 2 ELSE 0 END
                 + CASE WHEN dimensions = 'channel=online;sex=f' THEN 1 ELSE 0 END)
              << CASE measure WHEN 'people_0' THEN 0 WHEN 'people_1' THEN 3 ELSE 6 END) AS mask
FROM $people WHERE day BETWEEN DATE '$first' AND DATE '$last' GROUP BY ALL;

CREATE TEMP TABLE p1 AS
SELECT month, t.parent AS area, unit, entity, bit_or(mask) AS mask FROM p2 JOIN tree t USING (area) GROUP BY ALL;

CREATE TEMP TABLE p0 AS
SELECT month, t.parent AS area, unit, entity, bit_or(mask) AS mask FROM p1 JOIN tree t USING (area) GROUP BY ALL;

CREATE TEMP TABLE wide AS
SELECT month, area, who,
       count_if(mask & 1 <> 0) AS b0, count_if(mask & 2 <> 0) AS b1, count_if(mask & 4 <> 0) AS b2,
       count_if(mask & 8 <> 0) AS b3, count_if(mask & 16 <> 0) AS b4, count_if(mask & 32 <> 0) AS b5,
       count_if(mask & 64 <> 0) AS b6, count_if(mask & 128 <> 0) AS b7, count_if(mask & 256 <> 0) AS b8
FROM (
    SELECT month, area, unit AS who, mask FROM p2 UNION ALL SELECT month, area, unit, mask FROM p1
    UNION ALL SELECT month, area, unit, mask FROM p0
    UNION ALL SELECT month, area, '', bit_or(mask) FROM p2 GROUP BY month, area, entity
    UNION ALL SELECT month, area, '', bit_or(mask) FROM p1 GROUP BY month, area, entity
    UNION ALL SELECT month, area, '', bit_or(mask) FROM p0 GROUP BY month, area, entity
)
GROUP BY month, area, who;

-- What the one source holds no fact of is zero, for everybody.
COPY (
    WITH found AS (
        SELECT s.month, s.measure || v.side AS side, s.area, s.who,
               CASE v.col WHEN 'den' THEN den WHEN 'num0' THEN num0 ELSE num1 END AS value
        FROM sums s, (VALUES ('/0 num', 'num0'), ('/0 den', 'den'), ('/1 num', 'num1'), ('/1 den', 'den')) v(side, col)
        WHERE v.col = 'den' OR (v.col = 'num0' AND has0) OR (v.col = 'num1' AND has1)
        UNION ALL
        SELECT month, v.side, area, who, CASE v.bit
            WHEN 0 THEN b0 WHEN 1 THEN b1 WHEN 2 THEN b2 WHEN 3 THEN b3 WHEN 4 THEN b4
            WHEN 5 THEN b5 WHEN 6 THEN b6 WHEN 7 THEN b7 ELSE b8 END AS value
        FROM wide, (VALUES
            ('people_0/0 num', 1), ('people_0/0 den', 2), ('people_0/1 num', 0), ('people_0/1 den', 2),
            ('people_1/0 num', 4), ('people_1/0 den', 5), ('people_1/1 num', 3), ('people_1/1 den', 5),
            ('people_2/0 num', 7), ('people_2/0 den', 8), ('people_2/1 num', 6), ('people_2/1 den', 8)) v(side, bit)
        WHERE who = '' OR value > 0)
    SELECT strftime(month, '%Y-%m') AS month, side, area, who, CAST(value AS BIGINT) AS value FROM found
    UNION ALL
    SELECT strftime(e.month, '%Y-%m'), e.side, e.area, '', 0
    FROM (
        SELECT m.month, measure.code || v.side AS side, tree.area
        FROM m, tree, measure, (VALUES ('/0 num'), ('/0 den'), ('/1 num'), ('/1 den')) v(side)
    ) e ANTI JOIN (SELECT * FROM found WHERE who = '') f USING (month, side, area)
) TO '$result' (FORMAT parquet);

-- The distinct part as anybody would write it for DuckDB: COUNT(DISTINCT) under grouping sets, one measure after the other by GROUP BY.
--
-- Given: tree (area, parent), up, m (month), measure (code).

CREATE TEMP TABLE wide AS
SELECT measure, month, COALESCE(area, district, province) AS area, COALESCE(unit, '') AS who,
       COUNT(DISTINCT entity) AS den,
       COUNT(DISTINCT entity) FILTER (dimensions LIKE 'channel=online%') AS num0,
       COUNT(DISTINCT entity) FILTER (dimensions = 'channel=online;sex=f') AS num1
FROM (
    SELECT f.measure, date_trunc('month', f.day) AS month, t.parent AS district, d.parent AS province, f.area, f.unit, f.entity, f.dimensions
    FROM $people f JOIN tree t USING (area) JOIN tree d ON d.area = t.parent
    WHERE f.day BETWEEN DATE '$first' AND DATE '$last'
)
GROUP BY GROUPING SETS (
    (measure, month, province), (measure, month, province, district), (measure, month, province, district, area),
    (measure, month, province, unit), (measure, month, province, district, unit), (measure, month, province, district, area, unit)
);

COPY (
    WITH found AS (
        SELECT month, measure || v.side AS side, area, who, CASE v.col WHEN 'den' THEN den WHEN 'num0' THEN num0 ELSE num1 END AS value
        FROM wide, (VALUES ('/0 num', 'num0'), ('/0 den', 'den'), ('/1 num', 'num1'), ('/1 den', 'den')) v(side, col)
        WHERE who = '' OR value > 0)
    SELECT strftime(month, '%Y-%m') AS month, side, area, who, CAST(value AS BIGINT) AS value FROM found
    UNION ALL
    SELECT strftime(e.month, '%Y-%m'), e.side, e.area, '', 0
    FROM (
        SELECT m.month, measure.code || v.side AS side, tree.area
        FROM m, tree, measure, (VALUES ('/0 num'), ('/0 den'), ('/1 num'), ('/1 den')) v(side)
        WHERE measure.code LIKE 'people%'
    ) e ANTI JOIN (SELECT * FROM found WHERE who = '') f USING (month, side, area)
) TO '$result' (FORMAT parquet);

-- Every table and view that people may ask, a row a column; a view has no count of rows.
SELECT c.table_name, c.column_name, c.data_type, t.estimated_size AS stored_rows
FROM duckdb_columns() c
LEFT JOIN duckdb_tables() t ON t.table_name = c.table_name AND t.schema_name = c.schema_name
WHERE NOT c.internal AND c.schema_name = 'main'
ORDER BY c.table_name, c.column_index;

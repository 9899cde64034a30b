createtab_stmt
CREATE EXTERNAL TABLE `weblog.hits`(
  `ip` string, 
  `at` string)
PARTITIONED BY ( 
  `day` date)
ROW FORMAT SERDE 
  'org.openx.data.jsonserde.JsonSerDe' 
WITH SERDEPROPERTIES ( 
  'paths'='at,ip') 
STORED AS INPUTFORMAT 
  'org.apache.hadoop.mapred.TextInputFormat' 
OUTPUTFORMAT 
  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  's3://bucket/weblog/hits'
TBLPROPERTIES (
  'has_encrypted_data'='false', 
  'transient_lastDdlTime'='1683187872')
Time taken: 0.118 seconds, Fetched: 19 row(s)
CREATE TABLE spark_catalog.weblog.events (
  id BIGINT,
  body STRUCT<Name: STRING COMMENT 'who', tags: ARRAY<STRING>>,
  day DATE,
  hour INT)
USING parquet
OPTIONS (
  `compression` 'snappy',
  'serialization.format' = 1)
PARTITIONED BY (day, hour)
COMMENT 'from Spark'
LOCATION 'file:/lake/events'
TBLPROPERTIES (
  'created.by' = 'spark',
  'numeric' = 17)
CREATE TABLE default.rates (`from` STRING, rate DOUBLE, at TIMESTAMP_NTZ)
USING CSV
OPTIONS (path 's3://bucket/rates', header true, sep ';', nullValue 'n/a')
CREATE TABLE weblog.ice (id BIGINT NOT NULL, at TIMESTAMP)
USING iceberg
PARTITIONED BY (id, days(at))
CREATE VIEW weblog.latest (
  id,
  day)
TBLPROPERTIES (
  'transient_lastDdlTime' = '1683187872')
AS SELECT id, max(day)
FROM weblog.events GROUP BY id

CREATE EXTERNAL TABLE weblog.impala (
  id INT COMMENT '',
  name CHAR(3)
)
PARTITIONED BY (
  year INT
)
SORT BY (
  id
)
WITH SERDEPROPERTIES ('field.delim'='|', 'serialization.format'='|')
STORED AS TEXTFILE
LOCATION 'hdfs://lake/impala'
UNCACHED
TBLPROPERTIES ('numRows'='-1')

CREATE TABLE weblog.kudu (
  id BIGINT NOT NULL ENCODING AUTO_ENCODING COMPRESSION DEFAULT_COMPRESSION,
  name STRING NULL,
  PRIMARY KEY (id)
)
PARTITION BY HASH (id) PARTITIONS 3, RANGE (id) (PARTITION VALUES < 10, PARTITION 10 <= VALUES)
STORED AS KUDU
TBLPROPERTIES ('kudu.master_addresses'='localhost')
CREATE OR REPLACE VIEW weblog.spark4 (
  id COMMENT 'k')
DEFAULT COLLATION UTF8_BINARY
WITH SCHEMA COMPENSATION
AS SELECT 1

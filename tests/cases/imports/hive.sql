-- What Hive 3 prints, with everything that a table can have.
CREATE EXTERNAL TABLE IF NOT EXISTS `shop`.`orders`(
  `id` bigint COMMENT 'the order\'s \"key\"',
  `at` timestamp with local time zone,
  `price` decimal(10,2) NOT NULL DISABLE NOVALIDATE NORELY COMMENT 'in \u20ac; \122 stands for R',
  `kind` varchar(20) DEFAULT 'a,b' ENABLE,
  `nested` struct<a:int, `odd name`:array<map<string,decimal(5, 0)>> COMMENT 'inner', t:uniontype<int,string>>,
  `wide` DOUBLE PRECISION,
  CONSTRAINT pk PRIMARY KEY (id) DISABLE NOVALIDATE RELY,
  CHECK (price > 0))
COMMENT 'what was ordered; "in full"'
PARTITIONED BY (
  `year` int COMMENT 'of the order',
  `month` string)
CLUSTERED BY (
  id, kind)
SORTED BY (
  id ASC, price DESC)
INTO 8 BUCKETS
SKEWED BY (id, kind) ON ((1, 'a'), (2, 'b')) STORED AS DIRECTORIES
ROW FORMAT SERDE
  'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'
WITH SERDEPROPERTIES (
  'field.delim'='\u0001',
  'escape.delim'='\\',
  'serialization.format'='\u0001')
STORED AS INPUTFORMAT
  'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT
  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  'hdfs://namenode:8020/lake/orders'
TBLPROPERTIES (
  'bucketing_version'='2',
  'discover.partitions'='true',
  'transient_lastDdlTime'='1683187872')
;
ALTER TABLE `shop`.`orders` ADD CONSTRAINT `fk` FOREIGN KEY (`id`) REFERENCES `shop`.`ids`(`id`) DISABLE NOVALIDATE;
ALTER TABLE shop.orders ADD IF NOT EXISTS
  PARTITION (month='07', year=2013) LOCATION 'hdfs://namenode:8020/late/2013/07'
  PARTITION (year=2014, month=NULL)
  PARTITION (day = DATE '2013-07-01', n = -5);
SET hive.exec.dynamic.partition=true;
MSCK REPAIR TABLE shop.orders;
/* a comment; with CREATE TABLE x (
CREATE TABLE y ( */ use shop;
CREATE TABLE lines (line string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' ESCAPED BY '\\' COLLECTION ITEMS TERMINATED BY ','
  MAP KEYS TERMINATED BY ':' LINES TERMINATED BY '\n' NULL DEFINED AS 'NULL'
STORED AS TEXTFILE LOCATION 'file:/lake/lines';
CREATE TABLE plain (a int);
CREATE VIEW IF NOT EXISTS recent (id COMMENT 'k', year) COMMENT 'not old' TBLPROPERTIES ('x'='y')
AS SELECT id, year FROM orders -- a comment; inside
WHERE kind = ';' AND year > 2012;
CREATE MATERIALIZED VIEW totals STORED AS ORC AS SELECT count(*) FROM orders;
CREATE DATABASE IF NOT EXISTS shop2 COMMENT 'another' LOCATION 'hdfs://lake/shop2'
  MANAGEDLOCATION 'hdfs://managed/shop2' WITH DBPROPERTIES ('team'='sales');
CREATE FUNCTION shop.to_eur AS 'com.acme.ToEur' USING JAR 'hdfs://udf.jar', FILE 'hdfs://rates.csv';
CREATE TABLE by_handler (k int) STORED BY 'org.apache.hadoop.hive.hbase.HBaseStorageHandler'
WITH SERDEPROPERTIES ('hbase.columns.mapping'=':key') TBLPROPERTIES ('hbase.table.name'='k');
CREATE TABLE ice (a int) PARTITIONED BY SPEC (bucket(16, a)) STORED BY ICEBERG STORED AS ORC;
CREATE TABLE made AS SELECT * FROM orders;

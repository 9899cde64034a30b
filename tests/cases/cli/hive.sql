CREATE TABLE shop.orders (id int) PARTITIONED BY (year int, region string) STORED AS PARQUET LOCATION '/lake/orders';
CREATE TABLE bare (id int);
CREATE TABLE shop.bad (id int;
ALTER TABLE shop.orders ADD PARTITION (region = 'eu', year = 2013)
  PARTITION (year = 2014, city = 'x');

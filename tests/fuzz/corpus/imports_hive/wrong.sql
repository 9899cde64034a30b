CREATE TABLE a.one (id int;
CREATE TABLE a.two (id int) STORED AS PAPER;
CREATE TABLE a.three (id array<int) COMMENT 'x';
CREATE TABLE a.four LIKE a.five;
CREATE TABLE a.b.c.d (id int);
CREATE EXTERNAL VIEW x AS SELECT 1;
CREATE TABLE a.five (
  id int)
  LOCATION here;
FROB the knob;
CREATE TABLE a.six (x int) PARTITIONED BY (y) ;
CREATE TABLE a.seven (x int
CREATE TABLE a.eight (x int);
ALTER TABLE a.eight ADD PARTITION (y=1) PARTITION (y=);
CREATE VIEW a.nine;
CREATE TABLE nowhere (x int);
CREATE TABLE a.last (x int)

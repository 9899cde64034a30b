CREATE TABLE a.ok (x int);
CREATE TABLE a.bad (x int) COMMENT 'open;
CREATE TABLE a.c (x int);

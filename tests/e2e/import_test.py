"""Other catalogs' files through the real programs: imported, shown, queried; run again, interrupted."""
import json
import os
import subprocess

import tenon
from tenon import Case

GLUE = {
    "TableList": [{
        "Name": "orders",
        "DatabaseName": "shop",
        "CreateTime": 1683187872.5,
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "int", "Comment": "key"}, {"Name": "who", "Type": "string"}],
            "Location": "s3://bucket/lake/orders",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": "|"},
            },
        },
        "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "region", "Type": "string"}],
        "TableType": "EXTERNAL_TABLE",
    }],
}
PARTITIONS = {
    "Partitions": [
        {"Values": ["2013", "eu"], "DatabaseName": "shop", "TableName": "orders",
         "StorageDescriptor": {"Location": "s3://bucket/lake/orders/year=2013/region=eu"}},
        {"Values": ["2014", "us"], "DatabaseName": "shop", "TableName": "orders",
         "StorageDescriptor": {"Location": "s3://bucket/lake/late"}},
    ],
}
HIVE = """
CREATE EXTERNAL TABLE `shop`.`people`(
  `id` int,
  `name` string COMMENT 'as they say it')
PARTITIONED BY (`year` int, `region` string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' NULL DEFINED AS '-'
STORED AS TEXTFILE
LOCATION '{place}/people'
TBLPROPERTIES ('transient_lastDdlTime'='1683187872');
ALTER TABLE shop.people ADD
  PARTITION (region='eu', year=2013)
  PARTITION (year=2014, region='us') LOCATION '{place}/elsewhere';
CREATE VIEW shop.names AS SELECT name FROM shop.people;
"""


class Import(Case):
    def setUp(self):
        super().setUp()
        self.tenon.start()

    def lake(self):
        self.write("lake/orders/year=2013/region=eu/a.txt", '1|anna "a"\n2|\\N\n')
        self.write("lake/late/b.txt", "3|carl\n")

    def test_what_glue_knew_is_queried_where_the_data_is_now(self):
        self.lake()
        tables = self.write("z_tables.json", json.dumps(GLUE, indent=4))
        parts = self.write("a_parts.json", json.dumps(PARTITIONS))
        move = f"s3://bucket/lake={self.place}/lake"
        planned = self.tenon.json("import", "glue", parts, tables, "--plan", "--location", move)
        self.assertEqual(planned["counts"]["partitions"]["created"], 2)
        self.assertEqual(self.tenon.json("databases"), [])
        done = self.tenon.json("import", "glue", parts, tables, "--location", move)
        self.assertEqual(done["counts"], planned["counts"])
        self.assertEqual(done["failures"], [])
        table = self.tenon.json("show", "shop.orders")
        self.assertEqual(table["storage"]["location"], f"{self.place}/lake/orders")
        self.assertEqual(table["parameters"]["glue.create_time"], "2023-05-04T08:11:12Z")
        self.assertEqual(
            self.tenon.sql("SELECT id, who, year, region FROM shop.orders ORDER BY id"),
            [{"id": 1, "who": 'anna "a"', "year": 2013, "region": "eu"},
             {"id": 2, "who": None, "year": 2013, "region": "eu"},
             {"id": 3, "who": "carl", "year": 2014, "region": "us"}])
        # Again, nothing changes; without the move everything would.
        again = self.tenon.json("import", "glue", parts, tables, "--replace", "--location", move)
        self.assertEqual(again["counts"]["tables"]["unchanged"], 1)
        self.assertEqual(again["counts"]["partitions"]["unchanged"], 2)
        planned = self.tenon.json("import", "glue", parts, tables, "--replace", "--plan")
        self.assertEqual(planned["counts"]["tables"]["replaced"], 1)
        self.assertEqual(planned["counts"]["partitions"]["replaced"], 2)
        self.assertEqual(self.tenon.json("show", "shop.orders")["version"], 0)

    def test_hive_text_is_queried(self):
        self.write("people/year=2013/region=eu/a", "1|anna\n2|-\n")
        self.write("elsewhere/b", "3|carl\n")
        ddl = self.write("people.sql", HIVE.format(place=self.place))
        done = self.tenon.json("import", "hive", ddl)
        self.assertEqual(done["failures"], [])
        self.assertIn("as they say it", self.tenon.run("show", "shop.people").stdout)
        self.assertEqual(
            self.tenon.sql("SELECT id, name, year, region FROM shop.people ORDER BY id"),
            [{"id": 1, "name": "anna", "year": 2013, "region": "eu"},
             {"id": 2, "name": None, "year": 2013, "region": "eu"},
             {"id": 3, "name": "carl", "year": 2014, "region": "us"}])
        self.assertEqual(self.tenon.json("show", "shop.names")["table_type"], "VIRTUAL_VIEW")
        self.assertIn("is a view", self.tenon.run("sql", "SELECT * FROM shop.names", check=False).stderr)
        again = self.tenon.json("import", "hive", ddl, "--replace")
        self.assertEqual(again["counts"]["tables"]["unchanged"], 2)
        self.assertEqual(again["counts"]["partitions"]["unchanged"], 2)

    def test_parquet_of_spark_is_queried(self):
        self.write("in/a.csv", "id,name\n1,anna\n2,bert\n")
        self.tenon.run("crawl", self.place / "in", "--database", "raw")
        table = self.tenon.json("tables", "raw")[0]["name"]
        self.write("job.yaml", f"""
name: to_parquet
plan:
  nodes:
    - name: read
      source: {{database: raw, table: {table}}}
    - name: write
      inputs: [read]
      target: {{path: {self.place}/out}}
""")
        self.tenon.run("job", "put", self.place / "job.yaml")
        self.tenon.run("job", "run", "to_parquet", "--wait")
        ddl = f"""CREATE TABLE spark_catalog.lake.people (
  id BIGINT,
  name STRING)
USING parquet
LOCATION 'file:{self.place}/out'
"""
        done = subprocess.run(
            [tenon.BIN / "tenon", "--address", self.tenon.address, "import", "hive", "-"],
            input=ddl, capture_output=True, text=True, timeout=tenon.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.tenon.sql("SELECT id, name FROM lake.people ORDER BY id"),
                         [{"id": 1, "name": "anna"}, {"id": 2, "name": "bert"}])

    def test_an_import_that_failed_half_way_is_run_again(self):
        parts = {"Partitions": [
            {"Values": [str(i), "eu"], "DatabaseName": "shop", "TableName": "orders"} for i in range(3500)]}
        text = json.dumps(parts)
        self.tenon.run("import", "glue", self.write("tables.json", json.dumps(GLUE)))
        broken = self.tenon.run("--json", "import", "glue", self.write("parts.json", text[:len(text) // 2]), check=False)
        self.assertEqual(broken.returncode, 1)
        self.assertIn("where the file ends", broken.stderr)
        half = json.loads(broken.stdout)
        self.assertFalse(half["finished"])
        before = half["counts"]["partitions"]["created"]
        self.assertGreater(before, 1000)
        whole = self.tenon.json("import", "glue", self.write("parts.json", text))
        self.assertEqual(whole["counts"]["partitions"]["exists"], before)
        self.assertEqual(whole["counts"]["partitions"]["created"], 3500 - before)
        self.assertEqual(self.tenon.json("show", "shop.orders")["partition_count"], 3500)

    def test_memory_does_not_grow_with_the_file(self):
        def peak(count):
            path = self.place / "parts.json"
            with open(path, "w") as out:
                out.write('{"Partitions": [\n')
                for i in range(count):
                    out.write("," if i else "")
                    out.write(json.dumps({"Values": [str(i), "x" * 100], "DatabaseName": "none", "TableName": "none",
                                          "Parameters": {"k": "v" * 500}}))
                out.write("]}")
            done = subprocess.Popen([tenon.BIN / "tenon", "--address", self.tenon.address, "import", "glue", path],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=8"})
            _, _, usage = os.wait4(done.pid, 0)
            done.returncode = 0
            return usage.ru_maxrss
        small, large = peak(2000), peak(60000)
        # 45 MB of file in the second.
        self.assertLess(large, small + 60 * 1024, f"{small} KB, then {large} KB")


if __name__ == "__main__":
    tenon.main()

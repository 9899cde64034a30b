"""Every fact of the shared lake that the formats here cover."""
import json
import unittest

import tenon

LAKE = tenon.shared_lake()
COVERED = {"csv", "json", "parquet"}
# One row per folder of formats/: the same 1458-row table in many clothes.
DIALECTS = {
    "csv": ("csv", "none", ","), "csv_crlf_bom": ("csv", "none", ","), "csv_gz": ("csv", "gzip", ","),
    "csv_gz_noext": ("csv", "gzip", ","), "csv_noheader": ("csv", "none", ","),
    "csv_quoted_all": ("csv", "none", ","), "csv_utf16": ("csv", "none", ","), "csv_zst": ("csv", "zstd", ","),
    "ctrl_a": ("csv", "none", "\x01"), "pipe": ("csv", "none", "|"), "tsv": ("csv", "none", "\t"),
    "semicolon_decimal_comma": ("csv", "none", ";"), "json": ("json", "none", ""),
    "json_array": ("json", "none", ""), "json_gz": ("json", "gzip", ""), "json_pretty_concat": ("json", "none", ""),
    "parquet_brotli": ("parquet", "none", ""), "parquet_gzip": ("parquet", "none", ""),
    "parquet_lz4": ("parquet", "none", ""), "parquet_none": ("parquet", "none", ""),
    "parquet_snappy": ("parquet", "none", ""), "parquet_zstd": ("parquet", "none", ""),
}


def types(result):
    return {c["name"]: c["type"] for c in result["columns"]}


@unittest.skipUnless(LAKE, "the lake of real data is not here: set TENON_LAKE to its folder")
class Facts(unittest.TestCase):
    def table(self, prefix):
        results = tenon.infer(LAKE / prefix)
        self.assertEqual(len(results), 1, [r["path"] for r in results])
        return results[0]

    def test_rows_classification_and_keys(self):
        for line in (LAKE / "FACTS.jsonl").read_text().splitlines():
            fact = json.loads(line)
            if fact["classification"] not in COVERED or "*" in fact["prefix"]:
                continue
            with self.subTest(prefix=fact["prefix"]):
                table = self.table(fact["prefix"])
                self.assertEqual(table["classification"], fact["classification"])
                self.assertEqual(table["row_count"], fact["rows"])
                self.assertEqual([k["name"] for k in table["partition_keys"]], fact.get("partition_keys", []))
                self.assertEqual(table["bad_records"], 0)

    def test_one_table_in_many_dialects(self):
        for folder, (classification, compression, delimiter) in DIALECTS.items():
            with self.subTest(folder=folder):
                table = self.table(f"formats/{folder}")
                self.assertEqual((table["classification"], table["compression"]), (classification, compression))
                self.assertEqual(table["row_count"], 200 if folder == "json_pretty_concat" else 1458)
                if classification == "csv":
                    self.assertEqual(table["dialect"]["delimiter"], delimiter)
                kinds = types(table)
                if folder in ("csv_noheader", "ctrl_a"):
                    kinds = dict(zip("faa name lat lon alt tz dst tzone opened".split(), kinds.values()))
                self.assertEqual((kinds["faa"], kinds["name"], kinds["dst"]), ("string",) * 3)
                if folder != "semicolon_decimal_comma":
                    self.assertEqual((kinds["lat"], kinds["lon"]), ("double", "double"))
                self.assertIn(kinds["alt"], ("bigint", "int"))
                self.assertIn(kinds["opened"], ("date", "string"))

    def test_expected_schemas(self):
        flights = types(self.table("flights_csv"))
        for name in ("day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay flight "
                     "air_time distance hour minute").split():
            self.assertEqual(flights[name], "bigint", name)
        for name in ("carrier", "tailnum", "origin", "dest"):
            self.assertEqual(flights[name], "string", name)
        self.assertIn(flights["time_hour"], ("timestamp", "string"))
        parquet = types(self.table("flights_parquet"))
        self.assertEqual(parquet["time_hour"], "timestamp")
        self.assertNotIn("day", parquet)
        drift = types(self.table("events_drift"))
        self.assertEqual(drift["mag"], "choice<double,string>")
        self.assertEqual(drift["felt"], "int")
        self.assertEqual(drift["sources"], "array<string>")
        self.assertTrue(drift["geometry"].startswith("struct<type:string,coordinates:array<double>"))
        self.assertIn("crs:string", drift["geometry"])
        members = types(self.table("legislators/memberships_json"))
        self.assertEqual(members["person_id"], "string")
        self.assertIn(members["district"], ("int", "bigint"))

    def test_two_folders_are_two_tables_and_noise_is_none(self):
        results = tenon.infer(LAKE / "nyc_dims")
        self.assertEqual(sorted(r["row_count"] for r in results), [16, 1458])
        noise = self.table("noise")
        self.assertEqual((noise["objects"], noise["row_count"]), (1, 1458))


if __name__ == "__main__":
    tenon.main()

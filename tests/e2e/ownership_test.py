"""Who set which field, through real crawls: what a person set stays, and what was found is told."""
import json

import tenon
from tenon import Case


class Ownership(Case):
    def setUp(self):
        super().setUp()
        self.tenon.start()
        self.write("lake/orders/1.csv", "id,amount,note\n1,10,a\n2,20,b\n")
        self.crawl()
        self.name = "lake.orders"

    def crawl(self):
        return self.tenon.json("crawl", self.place / "lake", "--database", "lake")

    def table(self):
        return self.tenon.json("show", self.name)

    def put(self, change):
        table = self.table()
        change(table)
        self.write("t.json", json.dumps(table))
        self.tenon.run("table", "put", "t.json")

    def column(self, name):
        return {column["name"]: column for column in self.table()["storage"]["columns"]}[name]

    def conflicts(self):
        return {c["path"]: c for c in self.tenon.json("conflicts", self.name)}

    def set_type(self, table, name, type_):
        for column in table["storage"]["columns"]:
            if column["name"] == name:
                column["type"] = type_

    def test_a_conflict_from_its_first_crawl_to_its_end(self):
        self.assertEqual(self.table()["owners"], [])

        def edit(table):
            self.set_type(table, "amount", "string")
            table["description"] = "what was ordered"
            table["parameters"]["team"] = "sales"
            table["parameters"]["classification"] = "mine"
        self.put(edit)
        owners = {owner["path"]: owner["ownership"] for owner in self.table()["owners"]}
        self.assertEqual(owners, {path: "HUMAN" for path in (
            "columns.amount.type", "description", "parameters.team", "parameters.classification")})
        self.assertEqual(self.conflicts(), {})
        for times in (1, 2):
            self.write(f"lake/orders/{times + 1}.csv", f"id,amount,note\n{times},2.5,c\n")
            self.crawl()
            self.assertEqual(self.column("amount")["type"], "string")
            self.assertEqual(self.table()["parameters"]["classification"], "mine")
            self.assertEqual(self.table()["description"], "what was ordered")
            found = self.conflicts()
            self.assertEqual(set(found), {"columns.amount.type", "parameters.classification"})
            amount = found["columns.amount.type"]
            self.assertEqual((amount["kept"], amount["found"], amount["times"]), ("string", "double", times))
            self.assertEqual((amount["ownership"], amount["table"]), ("HUMAN", "orders"))
        self.assertGreater(amount["last_time_us"], amount["first_time_us"])
        kinds = [(change["kind"], change["resource"]) for change in self.tenon.json("changes", "--kind", "conflict_put")]
        self.assertEqual(kinds, [("conflict_put", "table/lake/orders")] * 2)
        # One is kept, and not told again until something else is found.
        self.tenon.run("resolve", self.name, "parameters.classification", "--keep-mine")
        self.assertEqual(set(self.conflicts()), {"columns.amount.type"})
        # All that are listed, which is the other, are taken: a version, which crawls may change again.
        before = self.table()["version"]
        out = self.tenon.run("resolve", self.name, "--all", "--take-theirs", "--reason", "checked").stdout
        self.assertIn("what the crawl found is taken", out)
        self.assertEqual(self.table()["parameters"]["classification"], "mine")
        self.assertEqual(self.column("amount")["type"], "double")
        self.assertEqual(self.table()["version"], before + 1)
        self.assertEqual(self.tenon.json("changes", "--kind", "table_updated")[0]["reason"], "checked")
        self.assertEqual(self.conflicts(), {})
        self.write("lake/orders/4.csv", "id,amount,note\n1,x,c\n")
        self.crawl()
        self.assertNotEqual(self.column("amount")["type"], "double")
        self.assertEqual(self.conflicts(), {})
        self.assertIn("No conflicts", self.tenon.run("conflicts").stdout)

    def test_it_goes_when_both_agree_and_with_its_table(self):
        def conflict(type_):
            self.put(lambda table: self.set_type(table, "id", type_))
            self.write("lake/orders/more.csv", "id,amount,note\n" + "1,1,a\n" * (1 + len(type_)))
            self.crawl()
        found = self.column("id")["type"]
        conflict("decimal(20,0)")
        self.assertEqual(set(self.conflicts()), {"columns.id.type"})
        self.put(lambda table: self.set_type(table, "id", found))
        self.assertEqual(self.conflicts(), {})
        conflict("string")
        self.assertEqual(self.conflicts()["columns.id.type"]["kept"], "string")
        self.put(lambda table: self.set_type(table, "id", "double"))
        self.assertEqual(self.conflicts()["columns.id.type"]["kept"], "double")
        self.tenon.run("fsck")
        self.tenon.run("table", "drop", self.name)
        self.assertEqual(self.tenon.json("conflicts"), [])
        self.tenon.run("fsck")

    def test_a_column_that_the_data_do_not_have_is_taken_away_only_when_told(self):
        self.put(lambda table: table["storage"]["columns"].append({"name": "extra", "type": "date", "comment": "soon"}))
        self.write("lake/orders/2.csv", "id,amount,note\n3,4,c\n")
        self.crawl()
        self.assertEqual(self.column("extra")["comment"], "soon")
        self.assertEqual(self.conflicts()["columns.extra.type"]["found"], "")
        self.tenon.run("resolve", self.name, "--all", "--take-theirs")
        self.assertNotIn("extra", [c["name"] for c in self.table()["storage"]["columns"]])

    def test_what_is_refused(self):
        for words, message in (
                (("resolve", "lake.none", "--all", "--keep-mine"), "no table 'none'"),
                (("resolve", self.name, "columns.id.type", "--keep-mine"), "has no conflict about 'columns.id.type'"),
                (("conflicts", "lake.none"), "no table 'none'")):
            with self.subTest(words=words):
                done = self.tenon.run(*words, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(message, done.stderr)


if __name__ == "__main__":
    tenon.main()

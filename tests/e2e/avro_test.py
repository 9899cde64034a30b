"""Verdicts on Avro against Apache Avro's own: the cases of tests/cases/registry, and pairs made
by chance. Skipped where the Python package `avro` is not installed."""
import json
import os
import random
import subprocess
import unittest

import tenon
from tenon import Case

try:
    import avro.schema
    from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
except ImportError:
    avro = None

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases", "registry", "avro.txt")
PAIRS = int(os.environ.get("TENON_AVRO_PAIRS", "60"))
SIMPLE = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]


def reads(reader, writer):
    """Apache Avro's verdict; it looks at no logical types."""
    parsed = [avro.schema.parse(json.dumps(s)) for s in (reader, writer)]
    found = ReaderWriterCompatibilityChecker().get_compatibility(*parsed)
    return found.compatibility is SchemaCompatibilityType.compatible


def cases():
    found = []
    with open(CASES, encoding="utf-8") as file:
        for line in file:
            if line.startswith("# "):
                found.append([line[2:].strip()])
            elif line[:2] in ("> ", "< "):
                found[-1].append(json.loads(line[2:]))
            elif line.startswith(("left reads right: ", "right reads left: ")):
                found[-1].append(line.strip().endswith("yes"))
    return found


class Maker:
    """Schemas by chance, and others that are like them."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.named = 0

    def name(self):
        self.named += 1
        return f"N{self.named}"

    def value(self, schema):
        """A default for `schema`, or None when there is none at hand."""
        plain = {"boolean": True, "int": 1, "long": 2, "float": 1.5, "double": 2.5, "bytes": "b", "string": "s"}
        if isinstance(schema, str):
            return plain.get(schema)
        if isinstance(schema, list):
            return self.value(schema[0])
        return {"array": [], "map": {}}.get(schema["type"], (schema.get("symbols") or [None])[0])

    def field(self, name, depth):
        field = {"name": name, "type": self.schema(depth - 1)}
        default = self.value(field["type"])
        if default is not None and self.chance.random() < 0.5:
            field["default"] = default
        return field

    def schema(self, depth):
        kind = self.chance.choice(["record", "enum", "fixed", "array", "map", "union"]) if depth > 0 and self.chance.random() < 0.6 else None
        if kind == "record":
            return {"type": "record", "name": self.name(), "fields": [
                self.field(f"f{i}", depth) for i in range(self.chance.randint(0, 4))]}
        if kind == "enum":
            symbols = self.chance.sample("ABCD", self.chance.randint(1, 4))
            enum = {"type": "enum", "name": self.name(), "symbols": symbols}
            if self.chance.random() < 0.3:
                enum["default"] = symbols[0]
            return enum
        if kind == "fixed":
            return {"type": "fixed", "name": self.name(), "size": self.chance.randint(1, 2)}
        if kind == "array":
            return {"type": "array", "items": self.schema(depth - 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(depth - 1)}
        if kind == "union":
            return self.chance.sample(SIMPLE, self.chance.randint(1, 3))
        return self.chance.choice(SIMPLE)

    def like(self, schema):
        """The same with some of it changed."""
        chance = self.chance.random()
        if isinstance(schema, str):
            wider = {"int": "long", "long": "float", "float": "double", "string": "bytes", "bytes": "string"}
            if chance < 0.4:
                return wider.get(schema, schema)
            return self.chance.choice(SIMPLE) if chance < 0.55 else [schema] if chance < 0.6 else schema
        if isinstance(schema, list):
            if chance < 0.3 and len(schema) > 1:
                return schema[1:]
            more = [s for s in SIMPLE if s not in schema]
            return schema + [self.chance.choice(more)] if chance < 0.6 and more else schema
        if schema["type"] in ("array", "map"):
            inner = "items" if schema["type"] == "array" else "values"
            return {**schema, inner: self.like(schema[inner])}
        if schema["type"] == "record":
            fields = [{**f, "type": self.like(f["type"])} for f in schema["fields"] if self.chance.random() < 0.9]
            for field in fields:
                field.pop("default", None)
                default = self.value(field["type"])
                if default is not None and self.chance.random() < 0.5:
                    field["default"] = default
            if chance < 0.4:
                fields.append(self.field("more", 1))
            self.chance.shuffle(fields)
            return {**schema, "fields": fields}
        if schema["type"] == "enum" and chance < 0.5:
            symbols = self.chance.sample("ABCDE", self.chance.randint(1, 5))
            return {"type": "enum", "name": schema["name"], "symbols": symbols,
                    **({"default": symbols[0]} if self.chance.random() < 0.4 else {})}
        if schema["type"] == "fixed" and chance < 0.3:
            return {**schema, "size": 3 - schema["size"]}
        return schema


@unittest.skipUnless(avro, "the Python package 'avro' is not installed: pip install avro")
class Avro(Case):
    def verdict(self, number, reader, writer):
        """Ours: may `reader` follow `writer` under BACKWARD?"""
        paths = []
        for side, schema in (("r", reader), ("w", writer)):
            paths.append(self.tenon.place / f"{side}{number}.avsc")
            with open(paths[-1], "w", encoding="utf-8") as file:
                json.dump(schema, file)
        self.tenon.run("schema", "create", f"s{number}", paths[1])
        process = subprocess.run(
            [tenon.BIN / "tenon", "--address", self.tenon.address, "schema", "check", paths[0],
             "--schema", f"s{number}", "--json"], capture_output=True, text=True, timeout=60)
        answer = json.loads(process.stdout)
        self.assertTrue(answer["valid"], (answer["error"], reader))
        self.assertEqual(process.returncode, 0 if answer["compatible"] else 1)
        return answer["compatible"]

    def test_the_cases_are_what_apache_avro_says(self):
        compared = 0
        for label, left, right, forth, back in cases():
            # It looks at no logical types, reads aliases as they stand, knows no "error".
            if "decimal" in label or "relative" in label or "error" in label:
                continue
            compared += 1
            self.assertEqual(reads(left, right), forth, label)
            self.assertEqual(reads(right, left), back, label)
        self.assertGreater(compared, 40)

    def test_pairs_made_by_chance_are_what_apache_avro_says(self):
        self.tenon.start()
        seen = {True: 0, False: 0}
        for number in range(PAIRS):
            maker = Maker(number)
            writer = maker.schema(3)
            reader = maker.like(writer)
            expected = reads(reader, writer)
            seen[expected] += 1
            self.assertEqual(self.verdict(number, reader, writer), expected, (number, reader, writer))
        self.assertGreater(min(seen.values()), PAIRS / 20, seen)


if __name__ == "__main__":
    tenon.main()

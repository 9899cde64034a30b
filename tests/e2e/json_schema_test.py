"""When one JSON Schema is said to read another's data, no value may show the contrary: pairs and
values made by chance, judged by the Python package `jsonschema`. Skipped where it is not installed."""
import json
import os
import random
import subprocess
import unittest

import tenon
from tenon import Case

try:
    from jsonschema import Draft7Validator
except ImportError:
    Draft7Validator = None

PAIRS = int(os.environ.get("TENON_JSON_PAIRS", "60"))
VALUES = 400
PLAIN = [None, True, False, 0, 1, 2, 3, 1.5, 0.5, "", "a", "ab", "zz"]
LIMITS = [("minimum", 2), ("maximum", 3), ("exclusiveMinimum", 2), ("maxLength", 2), ("minLength", 2)]


class Maker:
    """Schemas that say what other properties may be: of those that do not, none is taken as written."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def simple(self):
        kind = self.chance.choice(["string", "integer", "number", "boolean", "null"])
        schema = {"type": kind}
        if self.chance.random() < 0.3:
            schema["type"] = sorted({kind, self.chance.choice(["null", "string", "integer"])})
        if self.chance.random() < 0.3:
            key, most = self.chance.choice(LIMITS)
            schema[key] = self.chance.randint(0, most)
        return schema

    def object(self, depth):
        names = self.chance.sample("abc", self.chance.randint(0, 3))
        return {"type": "object", "properties": {name: self.schema(depth - 1) for name in names},
                "required": self.chance.sample("abc", self.chance.randint(0, 2)),
                "additionalProperties": self.chance.choice([False, False, True, self.simple()])}

    def schema(self, depth):
        chance = self.chance.random()
        if depth <= 0 or chance < 0.25:
            return self.simple()
        if chance < 0.4:
            return {"enum": self.chance.sample([1, 2, "a", "", None, True, False, 1.5], self.chance.randint(1, 4))}
        if chance < 0.6:
            return self.object(depth)
        if chance < 0.7:
            return {"type": "array", "items": self.schema(depth - 1),
                    **self.chance.choice([{}, {"minItems": 1}, {"maxItems": 1}, {"uniqueItems": True}])}
        if chance < 0.75:
            return {"items": [self.schema(depth - 1), self.schema(depth - 1)],
                    "additionalItems": self.chance.choice([False, True])}
        if chance < 0.95:
            count = self.chance.randint(1, 3)
            return {self.chance.choice(["anyOf", "oneOf", "allOf"]): [self.schema(depth - 1) for _ in range(count)]}
        return {"not": self.schema(depth - 1)}

    def like(self, schema):
        if self.chance.random() < 0.12:
            return self.schema(1)
        made = dict(schema)
        for key, value in schema.items():
            often = self.chance.random() < 0.5
            if key == "properties":
                made[key] = {name: self.like(inner) for name, inner in value.items()}
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                made[key] = [self.like(inner) for inner in value]
            elif isinstance(value, dict):
                made[key] = self.like(value)
            elif key in dict(LIMITS) and often:
                made[key] = max(0, value + self.chance.choice([-1, 1]))
            elif key == "required" and often:
                made[key] = value[:1]
            elif key == "enum" and often:
                made[key] = value + ["zz"]
        return made

    def value(self):
        chance = self.chance.random()
        if chance < 0.4:
            return self.chance.choice(PLAIN)
        if chance < 0.75:
            return {name: self.chance.choice(PLAIN + [{"a": self.chance.choice(PLAIN)}])
                    for name in self.chance.sample("abcd", self.chance.randint(0, 3))}
        return [self.chance.choice(PLAIN + [{"a": self.chance.choice(PLAIN)}])
                for _ in range(self.chance.randint(0, 3))]


@unittest.skipUnless(Draft7Validator, "the Python package 'jsonschema' is not installed: pip install jsonschema")
class JsonSchema(Case):
    def reads(self, number, reader, writer):
        """Ours: may `reader` follow `writer` under BACKWARD?"""
        paths = [self.write(f"{side}{number}.json", json.dumps(schema))
                 for side, schema in (("r", reader), ("w", writer))]
        self.tenon.run("schema", "create", f"s{number}", paths[1])
        process = subprocess.run(
            [tenon.BIN / "tenon", "--address", self.tenon.address, "schema", "check", paths[0],
             "--schema", f"s{number}", "--json"], capture_output=True, text=True, timeout=60)
        answer = json.loads(process.stdout)
        self.assertTrue(answer["valid"], (answer["error"], reader))
        return answer["compatible"]

    def test_no_value_shows_the_contrary(self):
        self.tenon.start()
        seen = {True: 0, False: 0}
        for number in range(PAIRS):
            maker = Maker(number)
            writer = maker.schema(2)
            reader = maker.like(writer)
            reads = self.reads(number, reader, writer)
            seen[reads] += 1
            if not reads:
                continue
            for value in (maker.value() for _ in range(VALUES)):
                if Draft7Validator(writer).is_valid(value):
                    self.assertTrue(Draft7Validator(reader).is_valid(value), (number, reader, writer, value))
        self.assertGreater(min(seen.values()), PAIRS / 10, seen)


if __name__ == "__main__":
    tenon.main()

#pragma once

#include "base/memory.h"
#include "schema/join.h"
#include "schema/notation.h"
#include "tests/unit.h"

/* Types to try laws on: one of each corner, and random trees. */
static const char *const pool_texts[] = {"null", "boolean", "tinyint", "smallint", "int",
	"bigint53", "bigint", "float", "double", "decimal(1,0)", "decimal(3,0)", "decimal(5,2)",
	"decimal(10,0)", "decimal(12,2)", "decimal(18,2)", "decimal(20,0)", "decimal(38,0)",
	"decimal(38,38)", "decimal(38,19)", "decimal(4,4)", "string", "char(3)", "char(20)",
	"varchar(2)", "varchar(300)", "binary", "date", "timestamp", "array<null>", "array<int>",
	"array<string>", "array<array<double>>", "map<string,int>", "map<string,array<date>>",
	"struct<>", "struct<a:int>", "struct<b:string,a:double>", "struct<A:bigint,c:array<int>>",
	"struct<a:struct<x:int,y:decimal(5,2)>>", "choice<int,string>", "choice<bigint,double>",
	"choice<boolean,array<int>,struct<a:int>>", "choice<date,map<string,null>>",
	"choice<decimal(38,0),decimal(38,38)>", "choice<float,decimal(4,4)>"};
enum { POOL_CORNERS = sizeof pool_texts / sizeof *pool_texts };

static inline const struct type *pool_type(struct arena *arena, const char *text)
{
	struct error err;
	const struct type *type = NULL;
	assert_ok(type_parse(arena, text_of(text), &type, &err), &err);
	return type;
}

struct pool_random {
	uint64_t state;
};
static inline uint32_t pool_next(struct pool_random *random, uint32_t below)
{
	random->state = random->state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(random->state >> 33) % below;
}

static inline const struct type *pool_random_type(
	struct arena *arena, struct pool_random *random, unsigned depth)
{
	uint32_t pick = pool_next(random, depth ? 8 : 4);
	if (pick < 4)
		return pool_type(arena, pool_texts[pool_next(random, POOL_CORNERS)]);
	if (pick == 4)
		return type_array(arena, pool_random_type(arena, random, depth - 1));
	if (pick == 5)
		return type_map(arena, type_simple(TYPE_STRING),
			pool_random_type(arena, random, depth - 1));
	if (pick == 6)
		return type_join(arena, pool_random_type(arena, random, depth - 1),
			pool_random_type(arena, random, depth - 1));
	static const char *const names[] = {"a", "B", "b c", "d`e", "", "größe", "$oid", "g<h>"};
	struct field fields[4];
	uint32_t first = pool_next(random, 8);
	uint32_t count = pool_next(random, 5);
	for (uint32_t i = 0; i < count; i++) {
		fields[i].name = text_of(names[(first + i) % 8]);
		fields[i].type = pool_random_type(arena, random, depth - 1);
	}
	return type_struct(arena, fields, count);
}

#include "schema/diff.h"
#include "tests/schema/pool.h"

/* "columns | keys", each a list of name:type. */
static struct schema schema_make(struct arena *arena, const char *columns, const char *keys)
{
	struct schema schema;
	struct schema partition;
	schema_of_struct(
		arena, pool_type(arena, arena_printf(arena, "struct<%s>", columns)), &schema);
	schema_of_struct(
		arena, pool_type(arena, arena_printf(arena, "struct<%s>", keys)), &partition);
	schema.keys = partition.columns;
	schema.key_count = partition.column_count;
	return schema;
}

static const char *listed(struct arena *arena, const struct changes *changes)
{
	const char *text = "";
	for (size_t i = 0; i < changes->count; i++)
		text = arena_printf(arena, "%s%s%s%s %.*s", text, i ? ", " : "",
			changes->at[i].is_key ? "key " : "", change_name(changes->at[i].kind),
			TEXT_ARG(changes->at[i].path));
	return text;
}

static void differences_are_listed_with_their_severity(void **state)
{
	(void)state;
	static const struct {
		const char *before, *before_keys, *after, *after_keys, *changes;
		enum severity severity;
	} rows[] = {
		{"a:int,b:string", "", "a:int,b:string", "", "", SEVERITY_SAFE},
		{"a:int", "", "A:int", "", "", SEVERITY_SAFE},
		{"a:bigint53", "", "a:bigint", "", "", SEVERITY_SAFE},
		{"a:struct<x:int,y:int>", "", "a:struct<y:int,x:int>", "", "", SEVERITY_SAFE},
		{"a:int", "", "a:int,b:string", "", "added b", SEVERITY_SAFE},
		{"a:int,b:string", "", "b:string", "", "removed a", SEVERITY_BREAKING},
		{"a:int", "", "a:bigint", "", "widened a", SEVERITY_WIDENING},
		{"a:double", "", "a:int", "", "narrowed a", SEVERITY_BREAKING},
		{"a:double", "", "a:string", "", "retyped a", SEVERITY_BREAKING},
		{"a:double", "", "a:choice<double,string>", "", "widened a", SEVERITY_WIDENING},
		{"a:int,b:int", "", "b:int,a:int", "", "moved a", SEVERITY_SAFE},
		{"a:int", "", "A:int,c:int", "", "case A, added c", SEVERITY_SAFE},
		{"g:struct<x:int>", "", "g:struct<x:double,crs:string>", "",
			"widened g.x, added g.crs", SEVERITY_WIDENING},
		{"i:array<struct<sku:int,n:int>>", "", "i:array<struct<sku:string>>", "",
			"retyped i.element.sku, removed i.element.n", SEVERITY_BREAKING},
		{"m:map<string,int>", "", "m:map<string,bigint>", "", "widened m.value",
			SEVERITY_WIDENING},
		{"a:int", "dt:string", "a:int", "dt:string,hr:string", "key added hr",
			SEVERITY_BREAKING},
		{"a:int", "y:string,m:string", "a:int", "m:string,y:string", "key moved y",
			SEVERITY_BREAKING},
		{"a:int,z:int", "k:string", "b:int,a:int", "k:string", "added b, removed z",
			SEVERITY_BREAKING},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct schema before = schema_make(arena, rows[i].before, rows[i].before_keys);
		struct schema after = schema_make(arena, rows[i].after, rows[i].after_keys);
		struct changes changes;
		schema_diff(arena, &before, &after, &changes);
		assert_string_equal(listed(arena, &changes), rows[i].changes);
		assert_int_equal(changes_severity(&changes), rows[i].severity);
		struct hash old = schema_fingerprint(&before);
		struct hash new = schema_fingerprint(&after);
		assert_int_equal(old.low == new.low &&old.high == new.high, changes.count == 0);
	}
}

static void what_was_written_can_be_read_or_not(void **state)
{
	(void)state;
	static const struct {
		const char *reader, *reader_keys, *writer, *writer_keys, *differences;
	} rows[] = {
		{"a:bigint", "", "a:int", "", ""},
		{"a:bigint,b:string", "", "a:int", "", ""},
		{"a:int", "", "a:int,b:string", "", ""},
		{"a:int", "", "a:bigint", "", "narrowed a"},
		{"a:string", "", "a:int", "", "retyped a"},
		{"a:choice<int,string>", "", "a:tinyint", "", ""},
		{"a:int", "", "a:choice<int,string>", "", "retyped a"},
		{"a:choice<string,struct<x:double>>", "", "a:struct<x:int,y:int>", "", ""},
		{"a:struct<x:int>", "", "a:struct<x:string>", "", "retyped a.x"},
		{"a:array<double>", "", "a:array<int>", "", ""},
		{"a:map<string,int>", "", "a:map<string,double>", "", "narrowed a.value"},
		{"a:int", "k:string", "a:int", "k:string", ""},
		{"a:int", "k:string", "a:int", "", "key added k"},
		{"a:int", "", "a:int", "k:string", "key removed k"},
	};
	OWNED(arena) arena = arena_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct schema reader = schema_make(arena, rows[i].reader, rows[i].reader_keys);
		struct schema writer = schema_make(arena, rows[i].writer, rows[i].writer_keys);
		struct changes changes;
		bool reads = schema_reads(arena, &reader, &writer, &changes);
		assert_string_equal(listed(arena, &changes), rows[i].differences);
		assert_int_equal(reads, changes.count == 0);
	}
}

/* Whatever a join makes of two types can read both. */
static void a_join_reads_its_operands(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct pool_random random = {3};
	for (int round = 0; round < 5000; round++) {
		struct column columns[3] = {
			{.name = TEXT("c")}, {.name = TEXT("c")}, {.name = TEXT("c")}};
		columns[0].type = pool_random_type(arena, &random, 2);
		columns[1].type = pool_random_type(arena, &random, 2);
		columns[2].type = type_join(arena, columns[0].type, columns[1].type);
		struct schema schemas[3];
		for (size_t i = 0; i < 3; i++)
			schemas[i] = (struct schema){.columns = &columns[i], .column_count = 1};
		struct changes changes;
		if (!schema_reads(arena, &schemas[2], &schemas[0], &changes) ||
			!schema_reads(arena, &schemas[2], &schemas[1], &changes))
			fail_msg("%s cannot read %s or %s: %s",
				type_text_exact(arena, columns[2].type),
				type_text_exact(arena, columns[0].type),
				type_text_exact(arena, columns[1].type), listed(arena, &changes));
		schema_diff(arena, &schemas[0], &schemas[2], &changes);
		for (size_t i = 0; i < changes.count; i++) {
			if (changes.at[i].kind != CHANGE_WIDENED &&
				changes.at[i].kind != CHANGE_ADDED)
				fail_msg("%s to %s: %s", type_text_exact(arena, columns[0].type),
					type_text_exact(arena, columns[2].type),
					listed(arena, &changes));
		}
		arena_reset(arena);
	}
}

static void columns_are_found_without_case(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct schema schema = schema_make(arena, "Alpha:int", "dt:string");
	assert_ptr_equal(schema_column(&schema, TEXT("ALPHA")), &schema.columns[0]);
	assert_ptr_equal(schema_column(&schema, TEXT("DT")), &schema.keys[0]);
	assert_null(schema_column(&schema, TEXT("beta")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_listed_with_their_severity),
		cmocka_unit_test(what_was_written_can_be_read_or_not),
		cmocka_unit_test(a_join_reads_its_operands),
		cmocka_unit_test(columns_are_found_without_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit.h"

#include "base/buffer.h"
#include "engine/engine.h"
#include "etl/cast.h"
#include "etl/transform.h"
#include "schema/notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Each transform over small frames: the input is columns with types and rows as
 * SQL values; what comes out is its columns and its first rows as text. */

#define PICK(tag, text) "{'tag': " #tag "::UTINYINT, 'text': '" text "'}"

static const char choice_columns[] = "id:int,pick:choice<bigint,double,string>";
static const char choice_rows[] = "(1, " PICK(0, "7") "), (2, " PICK(1, "3.5") "), (3, " PICK(
	2, "0x1F") "), (4, NULL), (5, " PICK(2, " 12 ") ")";

static const char nested_columns[] = "id:int,who:struct<name:string,born:struct<year:int,city:"
				     "string>>,tags:array<struct<k:string,v:choice<int,string>>>";
static const char nested_rows[] =
	"(1, {'name': 'Ann', 'born': {'year': 1990, 'city': 'Oslo'}},"
	" [{'k': 'a', 'v': " PICK(0, "1") "}, {'k': 'b', 'v': " PICK(1, "x") "}]),"
									     "(2, NULL, [])";

struct bench {
	struct arena *arena;
	struct engine *engine;
	struct compile compile;
	char notes[512];
	const char *catalog; /* columns of the table the host has */
};

static void on_log(void *state, const char *line)
{
	struct bench *bench = state;
	snprintf(bench->notes, sizeof bench->notes, "%s", line);
}

static enum status on_table(void *state, struct text database, struct text table,
	struct arena *arena, Tenon__V1__Table **table_out, struct error *err)
{
	struct bench *bench = state;
	if (!bench->catalog)
		return fail(err, STATUS_NOT_FOUND, "table '%.*s.%.*s' is not there",
			TEXT_ARG(database), TEXT_ARG(table));
	Tenon__V1__Table *out = arena_alloc(arena, sizeof *out);
	tenon__v1__table__init(out);
	out->storage = arena_alloc(arena, sizeof *out->storage);
	tenon__v1__storage_descriptor__init(out->storage);
	const struct type *row = NULL;
	char *text = arena_printf(arena, "struct<%s>", bench->catalog);
	TRY(type_parse(arena, text_of(text), &row, err));
	out->storage->columns = arena_array(arena, row->count, sizeof(Tenon__V1__Column *));
	for (size_t i = 0; i < row->count; i++) {
		Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
		tenon__v1__column__init(column);
		column->name = arena_text(arena, row->fields[i].name);
		column->type = arena_text(arena, text_of(type_text(arena, row->fields[i].type)));
		out->storage->columns[out->storage->n_columns++] = column;
	}
	*table_out = out;
	return STATUS_OK;
}

static const struct etl_host bench_host = {.log = on_log, .table = on_table};
static struct etl_host host;

static void bench_open(struct bench *bench)
{
	struct error err;
	*bench = (struct bench){.arena = arena_new()};
	struct engine_limits limits = {.threads = 1};
	assert_ok(engine_open(&limits, &bench->engine, &err), &err);
	host = bench_host;
	host.state = bench;
	bench->compile = (struct compile){bench->arena, bench->engine, &host};
}

static void bench_close(struct bench *bench)
{
	engine_free(bench->engine);
	arena_free(bench->arena);
}

static struct frame frame_of(
	struct bench *bench, const char *name, const char *columns, const char *rows)
{
	struct error err;
	struct frame frame = {.name = text_of(name)};
	const struct type *row = NULL;
	const char *text = arena_printf(bench->arena, "struct<%s>", columns);
	assert_ok(type_parse(bench->arena, text_of(text), &row, &err), &err);
	schema_of_struct(bench->arena, row, &frame.schema);
	char *select = arena_printf(bench->arena, "SELECT ");
	char *aliases = arena_printf(bench->arena, "%s", "");
	for (size_t i = 0; i < row->count; i++) {
		struct text quoted = sql_identifier(bench->arena, row->fields[i].name);
		select = arena_printf(bench->arena, "%s%sCAST(c%zu AS %s) AS %.*s", select,
			i ? ", " : "", i, engine_type_name(bench->arena, row->fields[i].type),
			TEXT_ARG(quoted));
		aliases = arena_printf(bench->arena, "%s%sc%zu", aliases, i ? ", " : "", i);
	}
	frame.sql = text_of(
		arena_printf(bench->arena, "%s FROM (VALUES %s) AS q(%s)", select, rows, aliases));
	assert_ok(engine_add_view(bench->engine, TEXT(""), frame.name, frame.sql, &err), &err);
	return frame;
}

static const char *columns_text(struct arena *arena, const struct schema *schema)
{
	char *text = arena_printf(arena, "%s", "");
	for (size_t i = 0; i < schema->column_count; i++)
		text = arena_printf(arena, "%s%s%.*s:%s", text, i ? "," : "",
			TEXT_ARG(schema->columns[i].name),
			type_text(arena, schema->columns[i].type));
	return text;
}

static const char *rows_text(struct bench *bench, struct text sql)
{
	struct error err;
	OWNED(engine_result) result = NULL;
	assert_ok(engine_query(bench->engine, sql, &result, &err), &err);
	char *text = arena_printf(bench->arena, "%s", "");
	for (;;) {
		size_t rows = 0;
		assert_ok(engine_result_next(result, &rows, &err), &err);
		if (!rows)
			return text;
		for (size_t row = 0; row < rows; row++) {
			for (size_t i = 0; i < engine_result_columns(result); i++) {
				struct text value = engine_result_null(result, i, row)
							    ? TEXT("-")
							    : engine_result_text(result, i, row);
				text = arena_printf(bench->arena, "%s%s%.*s", text, i ? " | " : "",
					TEXT_ARG(value));
			}
			text = arena_printf(bench->arena, "%s\n", text);
		}
	}
}

static enum status compile_node(struct bench *bench, const Tenon__V1__Node *node,
	const struct frame *inputs, size_t count, struct frame *out, struct error *err)
{
	out->name = TEXT("out");
	return transform_of(node)->compile(&bench->compile, node, inputs, count, out, err);
}

/* What comes out, in the input's row order, and that the engine agrees about types. */
static void check(struct bench *bench, const char *label, const struct frame *out,
	const char *columns, const char *rows)
{
	struct error err;
	const char *got = columns_text(bench->arena, &out->schema);
	if (strcmp(got, columns) != 0)
		fail_msg("%s: columns '%s', expected '%s'", label, got, columns);
	const char *values = rows_text(bench, out->sql);
	if (strcmp(values, rows) != 0)
		fail_msg("%s: rows\n%s, expected\n%s", label, values, rows);
	struct schema described;
	assert_ok(engine_describe(bench->engine, out->sql, bench->arena, &described, &err), &err);
	assert_int_equal(described.column_count, out->schema.column_count);
	for (size_t i = 0; i < described.column_count; i++) {
		const char *engine = engine_type_name(bench->arena, described.columns[i].type);
		const char *ours = engine_type_name(bench->arena, out->schema.columns[i].type);
		if (strcmp(engine, ours) != 0 && !type_has_choice(out->schema.columns[i].type))
			fail_msg("%s: column %zu is %s, said to be %s", label, i, engine, ours);
	}
}

static void choices_are_resolved_in_every_way(void **state)
{
	(void)state;
	static const struct {
		const char *label, *path, *action; /* path NULL: every choice */
		const char *columns, *rows;
	} rows[] = {
		{"cast long", "pick", "cast:long", "id:int,pick:bigint",
			"1 | 7\n2 | 3\n3 | -\n4 | -\n5 | 12\n"},
		{"cast double", NULL, "cast:double", "id:int,pick:double",
			"1 | 7.0\n2 | 3.5\n3 | -\n4 | -\n5 | 12.0\n"},
		{"cast string keeps what was written", "pick", "cast:string", "id:int,pick:string",
			"1 | 7\n2 | 3.5\n3 | 0x1F\n4 | -\n5 |  12 \n"},
		{"cast decimal", "pick", "cast:decimal(5,1)", "id:int,pick:decimal(5,1)",
			"1 | 7.0\n2 | 3.5\n3 | -\n4 | -\n5 | 12.0\n"},
		{"cast boolean", "pick", "cast:boolean", "id:int,pick:boolean",
			"1 | true\n2 | true\n3 | -\n4 | -\n5 | -\n"},
		{"project long keeps longs only", "pick", "project:long", "id:int,pick:bigint",
			"1 | 7\n2 | -\n3 | -\n4 | -\n5 | -\n"},
		{"project string keeps all scalars", "pick", "project:string", "id:int,pick:string",
			"1 | 7\n2 | 3.5\n3 | 0x1F\n4 | -\n5 |  12 \n"},
		{"make_struct", "pick", "make_struct",
			"id:int,pick:struct<long:bigint,double:double,string:string>",
			"1 | {\"long\":7,\"double\":null,\"string\":null}\n"
			"2 | {\"long\":null,\"double\":3.5,\"string\":null}\n"
			"3 | {\"long\":null,\"double\":null,\"string\":\"0x1F\"}\n4 | -\n"
			"5 | {\"long\":null,\"double\":null,\"string\":\" 12 \"}\n"},
		{"make_cols: others go to the end", NULL, "make_cols",
			"id:int,pick_long:bigint,pick_double:double,pick_string:string",
			"1 | 7 | - | -\n2 | - | 3.5 | -\n3 | - | - | 0x1F\n4 | - | - | -\n"
			"5 | - | - |  12 \n"},
		{"match_catalog", NULL, "match_catalog", "id:int,pick:int",
			"1 | 7\n2 | 3\n3 | -\n4 | -\n5 | 12\n"},
		{"a field that is no choice stays", "id", "make_cols",
			"id:int,pick:choice<bigint,double,string>",
			"1 | 7\n2 | 3.5\n3 | 0x1F\n4 | -\n5 |  12 \n"},
		{"project: one type today, a choice tomorrow, text on both days", "id",
			"project:string", "id:string,pick:choice<bigint,double,string>",
			"1 | 7\n2 | 3.5\n3 | 0x1F\n4 | -\n5 |  12 \n"},
		{"cast also converts what is no choice", "id", "cast:string",
			"id:string,pick:choice<bigint,double,string>",
			"1 | 7\n2 | 3.5\n3 | 0x1F\n4 | -\n5 |  12 \n"},
		{"project gives its type to what is no choice", "id", "project:string",
			"id:string,pick:choice<bigint,double,string>",
			"1 | 7\n2 | 3.5\n3 | 0x1F\n4 | -\n5 |  12 \n"},
		{"project widens what is no choice", "id", "project:double",
			"id:double,pick:choice<bigint,double,string>",
			"1.0 | 7\n2.0 | 3.5\n3.0 | 0x1F\n4.0 | -\n5.0 |  12 \n"},
		{"project keeps no value that is not of its type", "id", "project:date",
			"id:date,pick:choice<bigint,double,string>",
			"- | 7\n- | 3.5\n- | 0x1F\n- | -\n- |  12 \n"},
		{"cast boolean of integers", "id", "cast:boolean",
			"id:boolean,pick:choice<bigint,double,string>",
			"true | 7\ntrue | 3.5\ntrue | 0x1F\ntrue | -\ntrue |  12 \n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		bench.catalog = "id:bigint,pick:int";
		struct frame in = frame_of(&bench, "in", choice_columns, choice_rows), out;
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		Tenon__V1__ResolveChoice resolve = TENON__V1__RESOLVE_CHOICE__INIT;
		Tenon__V1__ChoiceSpec spec = TENON__V1__CHOICE_SPEC__INIT, *specs[] = {&spec};
		char action[64], path[64], database[] = "db", table[] = "t", name[] = "n";
		snprintf(action, sizeof action, "%s", rows[i].action);
		snprintf(path, sizeof path, "%s", rows[i].path ? rows[i].path : "");
		if (rows[i].path) {
			spec.path = path;
			spec.action = action;
			resolve.specs = specs;
			resolve.n_specs = 1;
		} else {
			resolve.choice = action;
		}
		resolve.database = database;
		resolve.table = table;
		node.name = name;
		node.kind_case = TENON__V1__NODE__KIND_RESOLVE_CHOICE;
		node.resolve_choice = &resolve;
		struct error err;
		assert_ok(compile_node(&bench, &node, &in, 1, &out, &err), &err);
		check(&bench, rows[i].label, &out, rows[i].columns, rows[i].rows);
		bench_close(&bench);
	}
}

static void nested_choices_are_resolved_by_path(void **state)
{
	(void)state;
	static const struct {
		const char *path, *action, *type, *rows;
	} rows[] = {
		{"tags[].v", "cast:string", "array<struct<k:string,v:string>>",
			"[{\"k\":\"a\",\"v\":\"1\"},{\"k\":\"b\",\"v\":\"x\"}]\n[]\n"},
		{"tags[].v", "make_cols", "array<struct<k:string,v_int:int,v_string:string>>",
			"[{\"k\":\"a\",\"v_int\":1,\"v_string\":null},"
			"{\"k\":\"b\",\"v_int\":null,\"v_string\":\"x\"}]\n[]\n"},
		{NULL, "make_struct", "array<struct<k:string,v:struct<int:int,string:string>>>",
			"[{\"k\":\"a\",\"v\":{\"int\":1,\"string\":null}},"
			"{\"k\":\"b\",\"v\":{\"int\":null,\"string\":\"x\"}}]\n[]\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		struct frame in = frame_of(&bench, "in", nested_columns, nested_rows), out;
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		Tenon__V1__ResolveChoice resolve = TENON__V1__RESOLVE_CHOICE__INIT;
		Tenon__V1__ChoiceSpec spec = TENON__V1__CHOICE_SPEC__INIT, *specs[] = {&spec};
		char action[64], path[64];
		snprintf(action, sizeof action, "%s", rows[i].action);
		snprintf(path, sizeof path, "%s", rows[i].path ? rows[i].path : "");
		spec.path = path;
		spec.action = action;
		resolve.specs = specs;
		resolve.n_specs = rows[i].path ? 1 : 0;
		if (!rows[i].path)
			resolve.choice = action;
		node.kind_case = TENON__V1__NODE__KIND_RESOLVE_CHOICE;
		node.resolve_choice = &resolve;
		struct error err;
		assert_ok(compile_node(&bench, &node, &in, 1, &out, &err), &err);
		assert_string_equal(
			type_text(bench.arena, out.schema.columns[2].type), rows[i].type);
		const char *sql =
			arena_printf(bench.arena, "SELECT tags FROM (%.*s)", TEXT_ARG(out.sql));
		assert_string_equal(rows_text(&bench, text_of(sql)), rows[i].rows);
		bench_close(&bench);
	}
}

static void alternatives_that_are_json_become_their_types(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	struct frame in =
		frame_of(&bench, "in", "p:choice<string,array<int>,struct<a:int,b:string>>",
			"(" PICK(0, "word") "), (" PICK(1, "[1, 2, null]") "), (" PICK(
				2, "{\"a\": 3, \"b\": \"q\", \"c\": 1}") ")");
	struct frame out;
	Tenon__V1__Node node = TENON__V1__NODE__INIT;
	Tenon__V1__ResolveChoice resolve = TENON__V1__RESOLVE_CHOICE__INIT;
	char action[] = "make_cols";
	resolve.choice = action;
	node.kind_case = TENON__V1__NODE__KIND_RESOLVE_CHOICE;
	node.resolve_choice = &resolve;
	struct error err;
	assert_ok(compile_node(&bench, &node, &in, 1, &out, &err), &err);
	check(&bench, "json arms", &out,
		"p_string:string,p_array:array<int>,p_struct:struct<a:int,b:string>",
		"word | - | -\n- | [1,2,null] | -\n- | - | {\"a\":3,\"b\":\"q\"}\n");
	bench_close(&bench);
}

static void casts_mean_what_they_mean_in_spark(void **state)
{
	(void)state;
	static const struct {
		const char *from, *value, *to, *result;
	} rows[] = {
		{"string", "'3.5'", "int", "3"},
		{"string", "' -7.9 '", "int", "-7"},
		{"string", "'+5'", "bigint", "5"},
		{"string", "'0x1F'", "int", "-"},
		{"string", "'1_000'", "int", "-"},
		{"string", "'1e3'", "int", "-"},
		{"string", "'1e3'", "double", "1000.0"},
		{"string", "'1_0'", "double", "-"},
		{"string", "''", "double", "-"},
		{"string", "'9223372036854775808'", "bigint", "-"},
		{"string", "'9007199254740993'", "bigint", "9007199254740993"},
		{"string", "'12.345'", "decimal(5,2)", "12.35"},
		{"string", "'123456.7'", "decimal(5,2)", "-"},
		{"string", "'Yes'", "boolean", "true"},
		{"string", "'maybe'", "boolean", "-"},
		{"string", "'2020-02-29'", "date", "2020-02-29"},
		{"string", "'2021-02-29'", "date", "-"},
		{"string", "'2020-01-02T03:04:05+05:00'", "timestamp", "2020-01-01 22:04:05"},
		{"string", "'2020-01-02 03:04:05.123456789Z'", "timestamp",
			"2020-01-02 03:04:05.123456"},
		{"string", "'soon'", "timestamp", "-"},
		{"double", "3.99", "int", "3"},
		{"double", "-3.99", "bigint", "-3"},
		{"double", "1e30", "bigint", "-"},
		{"double", "2.5", "string", "2.5"},
		{"decimal(10,2)", "7.99", "int", "7"},
		{"int", "300", "tinyint", "-"},
		{"bigint", "1", "boolean", "true"},
		{"boolean", "true", "int", "1"},
		{"boolean", "true", "double", "1.0"},
		{"bigint", "86400", "timestamp", "1970-01-02 00:00:00"},
		{"timestamp", "TIMESTAMP '1970-01-02 00:00:01.5'", "bigint", "86401"},
		{"timestamp", "TIMESTAMP '2020-05-06 07:08:09'", "date", "2020-05-06"},
		{"date", "DATE '2020-05-06'", "timestamp", "2020-05-06 00:00:00"},
		{"date", "DATE '2020-05-06'", "int", "-"},
		{"string", "'abcdef'", "varchar(3)", "abc"},
		{"array<string>", "['1', 'x', '2.9']", "array<int>", "[1,null,2]"},
		{"struct<a:string,b:int>", "{'a': '1', 'b': 2}", "struct<b:string,c:int>",
			"{\"b\":\"2\",\"c\":null}"},
		{"map<string,string>", "MAP {'k': '4.2'}", "map<string,int>", "{\"k\":4}"},
		{"struct<a:int>", "{'a': 1}", "string", "{\"a\":1}"},
		{"string", "'{\"a\": \"5\"}'", "struct<a:int>", "{\"a\":5}"},
		{"string", "'not json'", "struct<a:int>", "-"},
		{"array<int>", "[1]", "int", "-"},
	};
	struct bench bench;
	bench_open(&bench);
	struct error err;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct type *from = NULL, *to = NULL;
		assert_ok(type_parse(bench.arena, text_of(rows[i].from), &from, &err), &err);
		assert_ok(type_parse(bench.arena, text_of(rows[i].to), &to, &err), &err);
		const char *column = arena_printf(bench.arena, "SELECT CAST(%s AS %s) AS x",
			rows[i].value, engine_type_name(bench.arena, from));
		struct text cast = cast_expr(bench.arena, TEXT("x"), from, to);
		const char *sql =
			arena_printf(bench.arena, "SELECT %.*s FROM (%s)", TEXT_ARG(cast), column);
		const char *got = rows_text(&bench, text_of(sql));
		const char *expected = arena_printf(bench.arena, "%s\n", rows[i].result);
		if (strcmp(got, expected) != 0)
			fail_msg("%s as %s: %s, expected %s", rows[i].value, rows[i].to, got,
				expected);
	}
	bench_close(&bench);
}

static void mappings_select_rename_cast_and_build(void **state)
{
	(void)state;
	struct bench bench;
	bench_open(&bench);
	struct frame in = frame_of(&bench, "in", nested_columns, nested_rows), out;
	static const char *const rows[][4] = {
		{"id", "int", "key", "string"},
		{"who.born.year", "int", "birth.year", "long"},
		{"WHO.name", "", "birth.name", ""},
		{"nothing", "string", "lost", "int"},
	};
	Tenon__V1__Mapping mappings[4], *list[4];
	for (size_t i = 0; i < 4; i++) {
		tenon__v1__mapping__init(&mappings[i]);
		mappings[i].source = arena_text(bench.arena, text_of(rows[i][0]));
		mappings[i].source_type = arena_text(bench.arena, text_of(rows[i][1]));
		mappings[i].target = arena_text(bench.arena, text_of(rows[i][2]));
		mappings[i].target_type = arena_text(bench.arena, text_of(rows[i][3]));
		list[i] = &mappings[i];
	}
	Tenon__V1__ApplyMapping mapping = TENON__V1__APPLY_MAPPING__INIT;
	mapping.mappings = list;
	mapping.n_mappings = 4;
	Tenon__V1__Node node = TENON__V1__NODE__INIT;
	char name[] = "m";
	node.name = name;
	node.kind_case = TENON__V1__NODE__KIND_APPLY_MAPPING;
	node.apply_mapping = &mapping;
	struct error err;
	assert_ok(compile_node(&bench, &node, &in, 1, &out, &err), &err);
	check(&bench, "mapping", &out, "key:string,birth:struct<year:bigint,name:string>,lost:int",
		"1 | {\"year\":1990,\"name\":\"Ann\"} | -\n2 | {\"year\":null,\"name\":null} | "
		"-\n");
	assert_non_null(strstr(bench.notes, "'nothing'"));
	mappings[0].source = arena_text(bench.arena, TEXT("tags[].k"));
	assert_int_equal(compile_node(&bench, &node, &in, 1, &out, &err), STATUS_INVALID_ARGUMENT);
	bench_close(&bench);
}

static void fields_are_selected_dropped_and_renamed(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		int kind;
		const char *path, *to, *columns, *rows;
	} rows[] = {
		{"select a column", TENON__V1__NODE__KIND_SELECT_FIELDS, "ID", NULL, "id:int",
			"1\n2\n"},
		{"select a nested field with its parents", TENON__V1__NODE__KIND_SELECT_FIELDS,
			"who.born.city", NULL, "who:struct<born:struct<city:string>>",
			"{\"born\":{\"city\":\"Oslo\"}}\n-\n"},
		{"drop a nested field", TENON__V1__NODE__KIND_DROP_FIELDS, "who.born", NULL,
			"id:int,who:struct<name:string>,tags:array<struct<k:string,v:choice<int,"
			"string>>>",
			NULL},
		{"drop a field of an array's structs", TENON__V1__NODE__KIND_DROP_FIELDS,
			"tags[].v", NULL,
			"id:int,who:struct<name:string,born:struct<year:int,city:string>>,tags:"
			"array<"
			"struct<k:string>>",
			"1 | {\"name\":\"Ann\",\"born\":{\"year\":1990,\"city\":\"Oslo\"}} | "
			"[{\"k\":\"a\"},{\"k\":\"b\"}]\n2 | - | []\n"},
		{"a struct without fields goes", TENON__V1__NODE__KIND_DROP_FIELDS, "who.name",
			NULL,
			"id:int,who:struct<born:struct<year:int,city:string>>,tags:array<struct<k:"
			"string,v:choice<int,string>>>",
			NULL},
		{"rename a column", TENON__V1__NODE__KIND_RENAME_FIELD, "id", "`the.id`",
			"the.id:int,who:struct<name:string,born:struct<year:int,city:string>>,tags:"
			"array<struct<k:string,v:choice<int,string>>>",
			NULL},
		{"rename a nested field", TENON__V1__NODE__KIND_RENAME_FIELD, "who.born.year",
			"who.born.y",
			"id:int,who:struct<name:string,born:struct<y:int,city:string>>,tags:array<"
			"struct<k:string,v:choice<int,string>>>",
			NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		struct frame in = frame_of(&bench, "in", nested_columns, nested_rows), out;
		char *path = arena_text(bench.arena, text_of(rows[i].path));
		Tenon__V1__SelectFields select = TENON__V1__SELECT_FIELDS__INIT;
		Tenon__V1__DropFields drop = TENON__V1__DROP_FIELDS__INIT;
		Tenon__V1__RenameField rename = TENON__V1__RENAME_FIELD__INIT;
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		select.paths = drop.paths = &path;
		select.n_paths = drop.n_paths = 1;
		rename.from = path;
		if (rows[i].to)
			rename.to = arena_text(bench.arena, text_of(rows[i].to));
		node.kind_case = (Tenon__V1__Node__KindCase)rows[i].kind;
		if (rows[i].kind == TENON__V1__NODE__KIND_SELECT_FIELDS)
			node.select_fields = &select;
		else if (rows[i].kind == TENON__V1__NODE__KIND_DROP_FIELDS)
			node.drop_fields = &drop;
		else
			node.rename_field = &rename;
		struct error err;
		assert_ok(compile_node(&bench, &node, &in, 1, &out, &err), &err);
		assert_string_equal(columns_text(bench.arena, &out.schema), rows[i].columns);
		const char *got = rows_text(&bench, out.sql);
		if (rows[i].rows)
			assert_string_equal(got, rows[i].rows);
		bench_close(&bench);
	}
}

static void a_filter_reads_its_input_alone(void **state)
{
	(void)state;
	static const struct {
		const char *where;
		enum status status;
		const char *rows, *message;
	} rows[] = {
		{"id > 1 AND name <> 'c' -- and that is all", STATUS_OK, "2 | b\n", NULL},
		{"id = 1 OR name = 'c'", STATUS_OK, "1 | a\n3 | c\n", NULL},
		{"", STATUS_INVALID_ARGUMENT, NULL, "empty"},
		{"nix = 1", STATUS_INVALID_ARGUMENT, NULL, "nix"},
		{"id IN (SELECT 1 FROM other)", STATUS_INVALID_ARGUMENT, NULL, "sql node"},
		{"true); DROP VIEW x; --", STATUS_INVALID_ARGUMENT, NULL, ""},
		{"length(content) > 0 FROM read_text('/etc/passwd')", STATUS_INVALID_ARGUMENT, NULL,
			""},
	};
	struct bench bench;
	bench_open(&bench);
	struct frame in =
		frame_of(&bench, "in", "id:int,name:string", "(1, 'a'), (2, 'b'), (3, 'c')");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct frame out;
		struct error err;
		Tenon__V1__Filter filter = TENON__V1__FILTER__INIT;
		filter.where = arena_text(bench.arena, text_of(rows[i].where));
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		node.kind_case = TENON__V1__NODE__KIND_FILTER;
		node.filter = &filter;
		assert_int_equal(compile_node(&bench, &node, &in, 1, &out, &err), rows[i].status);
		if (rows[i].status == STATUS_OK)
			check(&bench, rows[i].where, &out, "id:int,name:string", rows[i].rows);
		else if (!strstr(err.message, rows[i].message))
			fail_msg("%s: %s", rows[i].where, err.message);
	}
	bench_close(&bench);
}

static void joins_keep_both_sides_and_dot_the_left_of_equal_names(void **state)
{
	(void)state;
	static const struct {
		const char *type, *rows;
	} rows[] = {
		{"", "2 | b | 2 | B\n"},
		{"left", "1 | a | - | -\n2 | b | 2 | B\n- | n | - | -\n"},
		{"right", "2 | b | 2 | B\n- | - | 3 | C\n- | - | - | N\n"},
		{"outer", "1 | a | - | -\n2 | b | 2 | B\n- | - | 3 | C\n- | - | - | N\n- | n | - | "
			  "-\n"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		struct frame in[] = {frame_of(&bench, "l1", "id:int,x:string",
					     "(1, 'a'), (2, 'b'), (NULL, 'n')"),
			frame_of(&bench, "r1", "ID:int,y:string",
				"(2, 'B'), (3, 'C'), (NULL, 'N')")};
		struct frame out;
		struct error err;
		char *left = arena_text(bench.arena, TEXT("id")),
		     *right = arena_text(bench.arena, TEXT("id"));
		Tenon__V1__Join join = TENON__V1__JOIN__INIT;
		join.left_keys = &left;
		join.right_keys = &right;
		join.n_left_keys = join.n_right_keys = 1;
		join.type = arena_text(bench.arena, text_of(rows[i].type));
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		node.kind_case = TENON__V1__NODE__KIND_JOIN;
		node.join = &join;
		assert_ok(compile_node(&bench, &node, in, 2, &out, &err), &err);
		assert_string_equal(
			columns_text(bench.arena, &out.schema), ".id:int,x:string,ID:int,y:string");
		const char *ordered = arena_printf(bench.arena,
			"SELECT * FROM (%.*s) ORDER BY coalesce(\".id\", \"id\") NULLS LAST, x "
			"NULLS FIRST",
			TEXT_ARG(out.sql));
		assert_string_equal(rows_text(&bench, text_of(ordered)), rows[i].rows);
		left[0] = 'n';
		assert_int_equal(
			compile_node(&bench, &node, in, 2, &out, &err), STATUS_INVALID_ARGUMENT);
		bench_close(&bench);
	}
}

static void sql_reads_its_inputs_by_node_name(void **state)
{
	(void)state;
	static const struct {
		const char *query;
		enum status status;
		const char *columns, *rows;
	} rows[] = {
		{"SELECT sum(id) AS n, count(*) c FROM \"in\";", STATUS_OK, "n:bigint,c:bigint",
			"15 | 5\n"},
		{"SELECT pick, id FROM \"in\" WHERE id < 3 ORDER BY id -- two", STATUS_OK,
			"pick:choice<bigint,double,string>,id:int", "7 | 1\n3.5 | 2\n"},
		{"SELECT pick AS other FROM \"in\" WHERE id = 1", STATUS_OK,
			"other:choice<bigint,double,string>", "7\n"},
		{"SELECT a.id, b.id FROM \"in\" a, \"in\" b", STATUS_INVALID_ARGUMENT, NULL, NULL},
		{"SELECT * FROM sales.orders", STATUS_INVALID_ARGUMENT, NULL, NULL},
		{"SELECT * FROM '/etc/passwd'", STATUS_INVALID_ARGUMENT, NULL, NULL},
		{"CREATE TABLE x AS SELECT 1", STATUS_INVALID_ARGUMENT, NULL, NULL},
	};
	struct bench bench;
	bench_open(&bench);
	struct frame in = frame_of(&bench, "in", choice_columns, choice_rows);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct frame out;
		struct error err;
		Tenon__V1__Sql sql = TENON__V1__SQL__INIT;
		sql.query = arena_text(bench.arena, text_of(rows[i].query));
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		node.kind_case = TENON__V1__NODE__KIND_SQL;
		node.sql = &sql;
		enum status status = compile_node(&bench, &node, &in, 1, &out, &err);
		if (status != rows[i].status)
			fail_msg("%s: %s", rows[i].query, err.message);
		if (status == STATUS_OK)
			check(&bench, rows[i].query, &out, rows[i].columns, rows[i].rows);
	}
	bench_close(&bench);
}

static void actions_that_are_not_known_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *choice;
		bool with_spec;
		const char *message;
	} rows[] = {
		{"cats:long", false, "'cats:long' is not known"},
		{"cast:lonng", false, "lonng"},
		{"", false, "neither"},
		{"make_cols", true, "both"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct bench bench;
		bench_open(&bench);
		struct frame in = frame_of(&bench, "in", choice_columns, choice_rows), out;
		Tenon__V1__Node node = TENON__V1__NODE__INIT;
		Tenon__V1__ResolveChoice resolve = TENON__V1__RESOLVE_CHOICE__INIT;
		Tenon__V1__ChoiceSpec spec = TENON__V1__CHOICE_SPEC__INIT, *specs[] = {&spec};
		char action[] = "make_cols", path[] = "pick";
		spec.path = path;
		spec.action = action;
		resolve.specs = specs;
		resolve.n_specs = rows[i].with_spec;
		resolve.choice = arena_text(bench.arena, text_of(rows[i].choice));
		node.kind_case = TENON__V1__NODE__KIND_RESOLVE_CHOICE;
		node.resolve_choice = &resolve;
		struct error err;
		assert_int_equal(
			compile_node(&bench, &node, &in, 1, &out, &err), STATUS_INVALID_ARGUMENT);
		if (!strstr(err.message, rows[i].message))
			fail_msg("%s", err.message);
		bench_close(&bench);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(choices_are_resolved_in_every_way),
		cmocka_unit_test(nested_choices_are_resolved_by_path),
		cmocka_unit_test(alternatives_that_are_json_become_their_types),
		cmocka_unit_test(casts_mean_what_they_mean_in_spark),
		cmocka_unit_test(mappings_select_rename_cast_and_build),
		cmocka_unit_test(fields_are_selected_dropped_and_renamed),
		cmocka_unit_test(a_filter_reads_its_input_alone),
		cmocka_unit_test(joins_keep_both_sides_and_dot_the_left_of_equal_names),
		cmocka_unit_test(sql_reads_its_inputs_by_node_name),
		cmocka_unit_test(actions_that_are_not_known_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

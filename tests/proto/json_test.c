#include "tests/unit.h"

#include "base/buffer.h"
#include "proto/json.h"
#include "proto/wire.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"

#include <math.h>
#include <stdlib.h>

enum { OUTPUT_BYTES_MAX = 1 << 20 };

static void a_message_prints_every_field_in_order(void **state)
{
	(void)state;
	struct buffer SCOPED_BUFFER out;
	struct error err;
	buffer_init(&out, OUTPUT_BYTES_MAX);
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__Database__ParametersEntry entries[3] = {
		TENON__V1__DATABASE__PARAMETERS_ENTRY__INIT,
		TENON__V1__DATABASE__PARAMETERS_ENTRY__INIT,
		TENON__V1__DATABASE__PARAMETERS_ENTRY__INIT};
	Tenon__V1__Database__ParametersEntry *pointers[3] = {&entries[0], &entries[1], &entries[2]};
	char name[] = "a\"b\\c\n\x01ü";
	char *words[] = {(char[]){"z"}, (char[]){"a"}, (char[]){"1"}, (char[]){"2"}};
	database.name = name;
	database.create_time_us = INT64_MIN;
	database.table_count = UINT64_MAX;
	database.n_parameters = 3;
	database.parameters = pointers;
	for (size_t i = 0; i < 3; i++) {
		entries[i].key = words[i == 1];
		entries[i].value = words[2 + (i == 2)];
	}
	assert_ok(json_print(&database.base, JSON_COMPACT, &out, &err), &err);
	assert_text_equal(buffer_text(&out),
		"{\"name\":\"a\\\"b\\\\c\\n\\u0001ü\",\"description\":\"\",\"location\":\"\","
		"\"parameters\":{\"a\":\"1\",\"z\":\"2\"},\"create_time_us\":-9223372036854775808,"
		"\"table_count\":\"18446744073709551615\",\"target\":null,\"update_time_us\":0}");
	buffer_clear(&out);
	Tenon__V1__ListTablesResponse empty = TENON__V1__LIST_TABLES_RESPONSE__INIT;
	assert_ok(json_print(&empty.base, JSON_PRETTY, &out, &err), &err);
	assert_text_equal(
		buffer_text(&out), "{\n  \"tables\": [],\n  \"next_page_token\": \"\"\n}");
}

static void enums_oneofs_reals_and_bytes_have_their_form(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const ProtobufCMessageDescriptor *type;
		const char *json; /* read and printed the same */
	} rows[] = {
		{"enum", &tenon__v1__start_job_run_request__descriptor,
			"{\"job\":\"x\",\"args\":{},\"bookmark\":\"PAUSE\"}"},
		{"enum unknown here", &tenon__v1__start_job_run_request__descriptor,
			"{\"job\":\"x\",\"args\":{\"k\":\"v\"},\"bookmark\":77}"},
		{"oneof", &tenon__v1__node__descriptor,
			"{\"name\":\"n\",\"inputs\":[\"a\",\"b\"],\"filter\":{\"where\":\"x > "
			"1\"}}"},
		{"oneof unset", &tenon__v1__node__descriptor, "{\"name\":\"n\",\"inputs\":[]}"},
		{"unset message", &tenon__v1__get_run_response__descriptor, "{\"run\":null}"},
		{"bytes", &tenon__v1__read_log_response__descriptor,
			"{\"text\":\"AP8K/w==\",\"offset\":7}"},
		{"whole double", &tenon__v1__progress__descriptor,
			"{\"phase\":\"\",\"fraction\":-1.0,\"objects_done\":0,\"objects_total\":0,"
			"\"bytes_done\":0,\"bytes_total\":0,\"detail\":\"\"}"},
		{"long double", &tenon__v1__progress__descriptor,
			"{\"phase\":\"\",\"fraction\":0.30000000000000004,\"objects_done\":0,"
			"\"objects_total\":0,\"bytes_done\":0,\"bytes_total\":0,\"detail\":\"\"}"},
		{"tiny double", &tenon__v1__progress__descriptor,
			"{\"phase\":\"\",\"fraction\":4.94065645841247e-324,\"objects_done\":0,"
			"\"objects_total\":0,\"bytes_done\":0,\"bytes_total\":0,\"detail\":\"\"}"},
		{"no number", &tenon__v1__progress__descriptor,
			"{\"phase\":\"\",\"fraction\":\"NaN\",\"objects_done\":0,"
			"\"objects_total\":0,\"bytes_done\":0,\"bytes_total\":0,\"detail\":\"\"}"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct buffer SCOPED_BUFFER out;
		struct error err;
		ProtobufCMessage *message = NULL;
		buffer_init(&out, OUTPUT_BYTES_MAX);
		if (json_parse(text_of(rows[i].json), rows[i].type, arena, &message, &err))
			fail_msg("%s: %s", rows[i].label, err.message);
		assert_ok(json_print(message, JSON_COMPACT, &out, &err), &err);
		if (!text_equal(buffer_text(&out), text_of(rows[i].json)))
			fail_msg("%s: %.*s", rows[i].label, TEXT_ARG(buffer_text(&out)));
	}
}

static void refusals_name_the_path_and_the_remedy(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		const char *message;
	} rows[] = {
		{"{\"plan\": {\"nodes\": [{}, {\"filter\": {\"wher\": \"x\"}}]}}",
			"plan.nodes[1].filter.wher: unknown field; did you mean 'where'?"},
		{"{\"xyzzy\": 1}",
			"xyzzy: unknown field; known are name, description, plan, bookmark, "
			"overwrite, default_args, timeout_s, memory_bytes, threads, "
			"max_concurrent_runs, id, create_time_us, update_time_us"},
		{"{\"timeout_s\": -1}",
			"timeout_s: expected a whole number from 0 to 4294967295, got -1"},
		{"{\"timeout_s\": 4294967296}",
			"timeout_s: expected a whole number from 0 to 4294967295, got 4294967296"},
		{"{\"timeout_s\": 1.5}",
			"timeout_s: expected a whole number from 0 to 4294967295, got 1.5"},
		{"{\"name\": 7}", "name: expected a text, got 7"},
		{"{\"name\": [\"a\"]}", "name: expected a text, got a list"},
		{"{\"bookmark\": \"on\"}",
			"bookmark: expected one of UNSPECIFIED, ENABLE, DISABLE, PAUSE, got 'on'"},
		{"{\"default_args\": [1]}", "default_args: expected an object, got a list"},
		{"{\"default_args\": {\"k\": 1}}", "default_args.k: expected a text, got 1"},
		{"{\"plan\": {\"nodes\": {}}}", "plan.nodes: expected a list, got an object"},
		{"{\"plan\": {\"nodes\": [null]}}", "plan.nodes[0]: expected an object, got null"},
		{"{\"plan\": {\"nodes\": [{\"sql\": {}, \"filter\": {}}]}}",
			"plan.nodes[0].filter: 'sql' is set already: only one of them may"},
		{"[]", "expected an object, got a list"},
		{"{\"a\": 1", "line 1 column 7: '}' expected near end of file"},
		{"{\"name\": \"a\", \"name\": \"b\"}", NULL},
		{"{\"name\": \"a\\u0000b\"}", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct error err = {0};
		ProtobufCMessage *message = NULL;
		enum status got = json_parse(
			text_of(rows[i].json), &tenon__v1__job__descriptor, arena, &message, &err);
		if (got != STATUS_INVALID_ARGUMENT)
			fail_msg("%s: %s", rows[i].json, status_name(got));
		if (rows[i].message)
			assert_string_equal(err.message, rows[i].message);
		assert_null(message);
	}
}

static void hostile_json_is_refused_in_bounded_memory(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	ProtobufCMessage *message = NULL;
	size_t length = 8u << 20;
	char *bytes = malloc(length);
	assert_non_null(bytes);
	memset(bytes, '[', length);
	assert_int_not_equal(json_parse((struct text){bytes, 1000}, &tenon__v1__job__descriptor,
				     arena, &message, &err),
		STATUS_OK);
	assert_int_equal(json_parse((struct text){bytes, length}, &tenon__v1__job__descriptor,
				 arena, &message, &err),
		STATUS_RESOURCE_EXHAUSTED);
	free(bytes);
}

static const char job_yaml[] =
	"# daily\n"
	"name: daily\n"
	"description: 2013\n"
	"bookmark: enable\n"
	"timeout_s: 60\n"
	"default_args: {day: \"01\", month: 07}\n"
	"plan:\n"
	"  nodes:\n"
	"  - name: trips\n"
	"    source: {database: sales, table: trips, bookmark_off: yes}\n"
	"  - name: long\n"
	"    inputs: [trips]\n"
	"    filter:\n"
	"      where: >-\n"
	"        distance > 10\n"
	"        AND fare < 5\n"
	"  - {name: out, inputs: [long], target: {path: /tmp/out, format: ~}}\n";

static void yaml_reads_like_json(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	Tenon__V1__Job *job = NULL;
	assert_ok(yaml_parse(text_of(job_yaml), &tenon__v1__job__descriptor, arena, &job, &err),
		&err);
	assert_string_equal(job->name, "daily");
	assert_string_equal(job->description, "2013");
	assert_int_equal(job->timeout_s, 60);
	assert_int_equal(job->bookmark, TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE);
	assert_int_equal(job->n_default_args, 2);
	assert_string_equal(job->default_args[1]->value, "07");
	assert_int_equal(job->plan->n_nodes, 3);
	assert_int_equal(job->plan->nodes[0]->kind_case, TENON__V1__NODE__KIND_SOURCE);
	assert_true(job->plan->nodes[0]->source->bookmark_off);
	assert_string_equal(job->plan->nodes[1]->filter->where, "distance > 10 AND fare < 5");
	assert_string_equal(job->plan->nodes[2]->inputs[0], "long");
	assert_string_equal(job->plan->nodes[2]->target->format, "");

	/* And what json_print makes of it reads back to the same bytes. */
	struct buffer SCOPED_BUFFER out;
	Tenon__V1__Job *back = NULL;
	buffer_init(&out, OUTPUT_BYTES_MAX);
	assert_ok(json_print(&job->base, JSON_PRETTY, &out, &err), &err);
	assert_ok(json_parse(buffer_text(&out), &tenon__v1__job__descriptor, arena, &back, &err),
		&err);
	assert_true(text_equal(wire_pack(arena, &back->base), wire_pack(arena, &job->base)));
	/* JSON is YAML too, near enough for job files. */
	assert_ok(yaml_parse(buffer_text(&out), &tenon__v1__job__descriptor, arena, &back, &err),
		&err);
}

static void yaml_refusals_name_line_and_column(void **state)
{
	(void)state;
	static const struct {
		const char *yaml;
		const char *message;
	} rows[] = {
		{"name: x\nplan:\n  nodes:\n  - filter:\n      wher: y\n",
			"line 5 column 7: plan.nodes[0].filter.wher: unknown field; did you mean "
			"'where'?"},
		{"name: x\nthreads: many\n",
			"line 2 column 1: threads: expected a whole number from 0 to 4294967295, "
			"got 'many'"},
		{"name: &a x\n", "line 1 column 7: anchors are not supported"},
		{"name: *a\n", "line 1 column 7: aliases are not supported: write the value out"},
		{"name: !!str x\n", "line 1 column 7: tags are not supported"},
		{"name: x\nname: y\n", "line 2 column 1: name: the field is written twice"},
		{"name: x\n---\nname: y\n", "line 2 column 1: only one document is read"},
		{"name: \"a\\0b\"\n", "line 1 column 1: name: the text contains a NUL byte"},
		{"{? [a] : b}\n", "line 1 column 4: a key must be plain text"},
		{"", "the text is empty"},
		{"- a\n", "line 1 column 1: expected an object, got a list"},
		{"name: [a\n", NULL},
		{"name: a\n\tdescription: b\n", NULL},
		{"name: \xff\n", NULL},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		OWNED(arena) arena = arena_new();
		struct error err = {0};
		ProtobufCMessage *message = NULL;
		enum status got = yaml_parse(
			text_of(rows[i].yaml), &tenon__v1__job__descriptor, arena, &message, &err);
		if (got != STATUS_INVALID_ARGUMENT)
			fail_msg("%s: %s", rows[i].yaml, status_name(got));
		if (rows[i].message)
			assert_string_equal(err.message, rows[i].message);
	}
}

static void deep_yaml_stops_at_the_limit(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	ProtobufCMessage *message = NULL;
	char bytes[5000];
	memset(bytes, '[', sizeof bytes);
	assert_int_equal(yaml_parse((struct text){bytes, sizeof bytes}, &tenon__v1__job__descriptor,
				 arena, &message, &err),
		STATUS_RESOURCE_EXHAUSTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_prints_every_field_in_order),
		cmocka_unit_test(enums_oneofs_reals_and_bytes_have_their_form),
		cmocka_unit_test(refusals_name_the_path_and_the_remedy),
		cmocka_unit_test(hostile_json_is_refused_in_bounded_memory),
		cmocka_unit_test(yaml_reads_like_json),
		cmocka_unit_test(yaml_refusals_name_line_and_column),
		cmocka_unit_test(deep_yaml_stops_at_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/service/daemon/daemon_process.h"

#include "base/buffer.h"
#include "tenon/v1/registry.pb-c.h"

#include <string.h>

/* Requests that no honest client sends. Each is refused by name, and the daemon then
 * answers an honest one as before. */

/* Bytes as the wire has them: a message carries them as a field it does not know. */
struct raw {
	ProtobufCMessageUnknownField field;
	struct buffer bytes;
};

static void raw_init(struct raw *raw, unsigned tag)
{
	memset(raw, 0, sizeof *raw);
	raw->field.tag = tag;
	raw->field.wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
	buffer_init(&raw->bytes, 8u << 20);
}

static void add_varint(struct buffer *bytes, size_t value)
{
	for (; value > 0x7f; value >>= 7)
		buffer_add_byte(bytes, (char)(value | 0x80));
	buffer_add_byte(bytes, (char)value);
}

static void raw_end(struct raw *raw, ProtobufCMessage *message, const char *content, size_t length)
{
	add_varint(&raw->bytes, length);
	buffer_add(&raw->bytes, content, length);
	raw->field.data = (uint8_t *)raw->bytes.at;
	raw->field.len = raw->bytes.length;
	message->unknown_fields = &raw->field;
	message->n_unknown_fields = 1;
}

static enum status ask(struct daemon_process *daemon, const char *method,
	const ProtobufCMessage *request, struct error *err)
{
	void *response;
	return daemon_call(
		daemon, &tenon__v1__catalog__descriptor, method, request, &response, err);
}

static char *repeated(struct arena *arena, const char *part, size_t times, const char *end)
{
	struct buffer SCOPED_BUFFER out = {0};
	buffer_init(&out, 8u << 20);
	for (size_t i = 0; i < times; i++)
		buffer_add_string(&out, part);
	buffer_add_string(&out, end);
	return arena_text(arena, buffer_text(&out));
}

static void start(struct daemon_process *daemon)
{
	daemon_init(daemon);
	daemon_start(daemon, NULL, NULL);
	put_database(daemon, "sales");
}

/* It still answers, and nothing of the hostile request is there. */
static void check_unharmed(struct daemon_process *daemon, const char *label)
{
	struct error err;
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	Tenon__V1__ListTablesResponse *tables;
	enum status status = daemon_call(
		daemon, &tenon__v1__catalog__descriptor, "ListTables", &request, &tables, &err);
	if (status != STATUS_OK)
		fail_msg("%s: afterwards: %s", label, err.message);
	if (tables->n_tables != 0)
		fail_msg("%s: left a table", label);
}

static void names_that_are_no_text_are_refused_by_field(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *bytes;
		size_t length;
		const char *says;
	} rows[] = {
		{"NUL", "or\0ders", 7, "name"},
		{"a lone continuation byte",
			"or\x80"
			"ders",
			7, "name"},
		{"cut in a character", "or\xc3", 3, "name"},
		{"a surrogate", "\xed\xa0\x80", 3, "name"},
		{"overlong", "\xc0\xaf", 2, "name"},
	};
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum { NAME = 2 };
		Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
		struct raw raw;
		raw_init(&raw, NAME);
		raw_end(&raw, &request.base, rows[i].bytes, rows[i].length);
		enum status status = ask(&daemon, "GetTable", &request.base, &err);
		buffer_done(&raw.bytes);
		if (status != STATUS_INVALID_ARGUMENT || !strstr(err.message, rows[i].says))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
		check_unharmed(&daemon, rows[i].label);
	}
	daemon_done(&daemon);
}

static void types_without_end_or_bottom_are_refused(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	const struct {
		const char *label;
		char *type;
		enum status status;
	} rows[] = {
		{"nested 10,000 deep", repeated(daemon.arena, "array<", 10000, "int"),
			STATUS_RESOURCE_EXHAUSTED},
		{"1 MB of type text", repeated(daemon.arena, "a", 1u << 20, ""),
			STATUS_INVALID_ARGUMENT},
		{"1 MB of fields", repeated(daemon.arena, "struct<a:int>,", 75000, ""),
			STATUS_INVALID_ARGUMENT},
		{"no type", repeated(daemon.arena, "flurb", 1, ""), STATUS_INVALID_ARGUMENT},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__Column column = TENON__V1__COLUMN__INIT;
		Tenon__V1__Column *columns[] = {&column};
		Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
		Tenon__V1__Table table = TENON__V1__TABLE__INIT;
		Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
		column.name = arena_printf(daemon.arena, "amount");
		column.type = rows[i].type;
		storage.columns = columns;
		storage.n_columns = 1;
		table.database = arena_printf(daemon.arena, "sales");
		table.name = arena_printf(daemon.arena, "deep");
		table.storage = &storage;
		request.table = &table;
		enum status status = ask(&daemon, "CreateTable", &request.base, &err);
		if (status != rows[i].status || !strstr(err.message, "amount"))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
		check_unharmed(&daemon, rows[i].label);
	}
	daemon_done(&daemon);
}

static void groups_nested_10_000_deep_are_refused(void **state)
{
	(void)state;
	enum { DEEP = 10000, START_GROUP = 1 << 3 | 3, TABLE = 1 };
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	char groups[DEEP];
	struct raw raw;
	memset(groups, START_GROUP, sizeof groups);
	raw_init(&raw, TABLE);
	raw_end(&raw, &request.base, groups, sizeof groups);
	assert_int_equal(ask(&daemon, "CreateTable", &request.base, &err), STATUS_INVALID_ARGUMENT);
	buffer_done(&raw.bytes);
	check_unharmed(&daemon, "groups");
	daemon_done(&daemon);
}

static void a_megabyte_of_empty_partitions_is_refused(void **state)
{
	(void)state;
	enum { COUNT = 500000 };
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	Tenon__V1__Partition empty = TENON__V1__PARTITION__INIT;
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	request.database = arena_printf(daemon.arena, "sales");
	request.table = arena_printf(daemon.arena, "orders");
	request.partitions = arena_array(daemon.arena, COUNT, sizeof *request.partitions);
	for (size_t i = 0; i < COUNT; i++)
		request.partitions[i] = &empty;
	request.n_partitions = COUNT;
	assert_int_equal(
		ask(&daemon, "CreatePartitions", &request.base, &err), STATUS_RESOURCE_EXHAUSTED);
	check_unharmed(&daemon, "empty partitions");
	daemon_done(&daemon);
}

static void tokens_from_elsewhere_are_refused(void **state)
{
	(void)state;
	static const char *const tokens[] = {"x", "00", "0200112233445566778899", "zz00",
		"01aabbccddeeff00112233445566778899aabbccdd"};
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
		request.page_token = arena_text(daemon.arena, text_of(tokens[i]));
		enum status status = ask(&daemon, "ListTables", &request.base, &err);
		if (status != STATUS_INVALID_ARGUMENT || !strstr(err.message, "token"))
			fail_msg("'%s': %s: %s", tokens[i], status_name(status), err.message);
	}
	check_unharmed(&daemon, "tokens");
	daemon_done(&daemon);
}

static void numbers_that_no_enum_has_are_refused(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	static const int rows[][2] = {{99, 3}, {-1, 3}, {1, 99}, {1, -7}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
		Tenon__V1__CreateSchemaRequest request = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
		Tenon__V1__CreateSchemaResponse *answer;
		schema.name = arena_printf(daemon.arena, "orders");
		schema.format = (Tenon__V1__DataFormat)rows[i][0];
		schema.compatibility = (Tenon__V1__Compatibility)rows[i][1];
		request.schema = &schema;
		request.definition = arena_printf(daemon.arena, "\"int\"");
		enum status status = daemon_call(&daemon, &tenon__v1__registry__descriptor,
			"CreateSchema", &request, &answer, &err);
		if (status != STATUS_INVALID_ARGUMENT)
			fail_msg("row %zu: %s: %s", i, status_name(status), err.message);
	}
	check_unharmed(&daemon, "enums");
	daemon_done(&daemon);
}

/* sales.`name`, by day. */
static void put_parts(struct daemon_process *daemon, char *name)
{
	struct error err;
	Tenon__V1__Column key = TENON__V1__COLUMN__INIT;
	Tenon__V1__Column *keys[] = {&key};
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__CreateTableRequest create = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	char day[] = "day", type[] = "string", sales[] = "sales";
	key.name = day;
	key.type = type;
	table.database = sales;
	table.name = name;
	table.storage = &storage;
	table.partition_keys = keys;
	table.n_partition_keys = 1;
	create.table = &table;
	assert_ok(ask(daemon, "CreateTable", &create.base, &err), &err);
}

static void partitions_with_too_few_or_many_values_are_refused_each(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	char sales[] = "sales", name[] = "parts", text[] = "x";
	put_parts(&daemon, name);
	char *values[] = {text, text, text};
	static const size_t counts[] = {0, 2, 3, 1};
	enum { COUNT = sizeof counts / sizeof *counts };
	Tenon__V1__Partition partitions[COUNT], *pointers[COUNT];
	for (size_t i = 0; i < COUNT; i++) {
		partitions[i] = (Tenon__V1__Partition)TENON__V1__PARTITION__INIT;
		partitions[i].values = values;
		partitions[i].n_values = counts[i];
		pointers[i] = &partitions[i];
	}
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	Tenon__V1__CreatePartitionsResponse *answer;
	request.database = sales;
	request.table = name;
	request.partitions = pointers;
	request.n_partitions = COUNT;
	assert_ok(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "CreatePartitions",
			  &request, &answer, &err),
		&err);
	assert_int_equal(answer->n_errors, COUNT - 1); /* the last one is right, and made */
	for (size_t i = 0; i < answer->n_errors; i++) {
		assert_int_equal(answer->errors[i]->index, i);
		assert_int_equal(answer->errors[i]->code, STATUS_INVALID_ARGUMENT);
	}
	daemon_done(&daemon);
}

static void add_parts(struct daemon_process *daemon, char *name, size_t count)
{
	struct error err;
	Tenon__V1__CreatePartitionsRequest request = TENON__V1__CREATE_PARTITIONS_REQUEST__INIT;
	request.database = arena_printf(daemon->arena, "sales");
	request.table = name;
	request.partitions = arena_array(daemon->arena, count, sizeof *request.partitions);
	for (; request.n_partitions < count; request.n_partitions++) {
		Tenon__V1__Partition *one = arena_alloc(daemon->arena, sizeof *one);
		tenon__v1__partition__init(one);
		one->values = arena_array(daemon->arena, 1, sizeof *one->values);
		one->values[0] = arena_printf(daemon->arena, "%zu", request.n_partitions);
		one->n_values = 1;
		request.partitions[request.n_partitions] = one;
	}
	assert_ok(ask(daemon, "CreatePartitions", &request.base, &err), &err);
}

/* One partition of sales.`name` a page: the status, and the token of the next page. */
static enum status page_of(struct daemon_process *daemon, char *name, const char *expression,
	const char *token, char **next_out, struct error *err)
{
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	Tenon__V1__ListPartitionsResponse *answer;
	request.database = arena_printf(daemon->arena, "sales");
	request.table = name;
	request.expression = arena_text(daemon->arena, text_of(expression));
	request.page_token = arena_text(daemon->arena, text_of(token));
	request.page_size = 1;
	TRY(daemon_call(
		daemon, &tenon__v1__catalog__descriptor, "ListPartitions", &request, &answer, err));
	*next_out = answer->next_page_token;
	return STATUS_OK;
}

static void drop_parts(struct daemon_process *daemon, char *name)
{
	struct error err;
	Tenon__V1__DeleteTableRequest request = TENON__V1__DELETE_TABLE_REQUEST__INIT;
	request.database = arena_printf(daemon->arena, "sales");
	request.name = name;
	assert_ok(ask(daemon, "DeleteTable", &request.base, &err), &err);
}

/* Each was good, of this very kind of listing, and is sent where it does not belong. */
static void page_tokens_of_other_listings_are_refused(void **state)
{
	(void)state;
	char one[] = "one", two[] = "two";
	struct daemon_process daemon, other;
	struct error err;
	char *token, *of_expression, *of_other, *next;
	start(&daemon);
	start(&other);
	put_parts(&daemon, one);
	put_parts(&daemon, two);
	put_parts(&other, one);
	add_parts(&daemon, one, 3);
	add_parts(&daemon, two, 3);
	add_parts(&other, one, 3);
	assert_ok(page_of(&daemon, one, "", "", &token, &err), &err);
	assert_ok(page_of(&daemon, one, "day > '0'", "", &of_expression, &err), &err);
	assert_ok(page_of(&other, one, "", "", &of_other, &err), &err);
	const struct {
		const char *label;
		char *table;
		const char *expression;
		const char *token;
	} rows[] = {
		{"of another daemon", one, "", of_other},
		{"of another table", two, "", token},
		{"of another expression", one, "", of_expression},
		{"without its expression's", one, "day > '0'", token},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum status status = page_of(
			&daemon, rows[i].table, rows[i].expression, rows[i].token, &next, &err);
		if (status != STATUS_INVALID_ARGUMENT || !strstr(err.message, "token"))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
	}
	/* One outlives the daemon, but not its table, also when there is one of that name. */
	daemon_kill(&daemon);
	daemon_start(&daemon, NULL, NULL);
	assert_ok(page_of(&daemon, one, "", token, &next, &err), &err);
	drop_parts(&daemon, one);
	assert_int_equal(page_of(&daemon, one, "", token, &next, &err), STATUS_NOT_FOUND);
	put_parts(&daemon, one);
	add_parts(&daemon, one, 3);
	assert_int_equal(page_of(&daemon, one, "", token, &next, &err), STATUS_INVALID_ARGUMENT);
	daemon_done(&other);
	daemon_done(&daemon);
}

static void expressions_without_bottom_or_end_are_refused(void **state)
{
	(void)state;
	char name[] = "parts";
	struct daemon_process daemon;
	struct error err;
	char *next;
	start(&daemon);
	put_parts(&daemon, name);
	add_parts(&daemon, name, 1);
	const struct {
		const char *label;
		const char *expression;
	} rows[] = {
		{"parentheses", repeated(daemon.arena, "(", 10000, "day = 1")},
		{"negations", repeated(daemon.arena, "not ", 10000, "day = 1")},
		{"1 MB of conditions", repeated(daemon.arena, "day = '1' or ", 80000, "day = '1'")},
		{"1 MB of a name", repeated(daemon.arena, "d", 1u << 20, " = 1")},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum status status = page_of(&daemon, name, rows[i].expression, "", &next, &err);
		if (status != STATUS_INVALID_ARGUMENT && status != STATUS_RESOURCE_EXHAUSTED)
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), err.message);
		assert_ok(page_of(&daemon, name, "day = '0'", "", &next, &err), &err);
	}
	daemon_done(&daemon);
}

static void schemas_nested_10_000_deep_are_refused(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	const struct {
		Tenon__V1__DataFormat format;
		char *definition;
	} rows[] = {
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO,
			repeated(daemon.arena, "{\"type\":\"array\",\"items\":", 5000, "1")},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO, repeated(daemon.arena, "[", 10000, "")},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON,
			repeated(daemon.arena, "{\"not\":", 10000, "")},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF,
			repeated(daemon.arena, "message M { ", 10000, "")},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
		Tenon__V1__CreateSchemaRequest request = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
		Tenon__V1__CreateSchemaResponse *answer;
		schema.name = arena_printf(daemon.arena, "deep");
		schema.format = rows[i].format;
		request.schema = &schema;
		request.definition = rows[i].definition;
		enum status status = daemon_call(&daemon, &tenon__v1__registry__descriptor,
			"CreateSchema", &request, &answer, &err);
		if (status != STATUS_INVALID_ARGUMENT && status != STATUS_RESOURCE_EXHAUSTED)
			fail_msg("row %zu: %s: %s", i, status_name(status), err.message);
	}
	check_unharmed(&daemon, "schemas");
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_are_no_text_are_refused_by_field),
		cmocka_unit_test(types_without_end_or_bottom_are_refused),
		cmocka_unit_test(groups_nested_10_000_deep_are_refused),
		cmocka_unit_test(a_megabyte_of_empty_partitions_is_refused),
		cmocka_unit_test(tokens_from_elsewhere_are_refused),
		cmocka_unit_test(numbers_that_no_enum_has_are_refused),
		cmocka_unit_test(partitions_with_too_few_or_many_values_are_refused_each),
		cmocka_unit_test(page_tokens_of_other_listings_are_refused),
		cmocka_unit_test(expressions_without_bottom_or_end_are_refused),
		cmocka_unit_test(schemas_nested_10_000_deep_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

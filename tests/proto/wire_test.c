#include "tests/unit.h"

#include "base/limits.h"
#include "base/memory.h"
#include "proto/wire.h"
#include "tenon/store/v1/records.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"

#include <stdlib.h>

/* message Tree { Tree child = 1; }, which no .proto here declares. */
static const ProtobufCMessageDescriptor tree;
struct tree {
	ProtobufCMessage base;
	struct tree *child;
};
static const ProtobufCFieldDescriptor tree_fields[] = {{
	.name = "child",
	.id = 1,
	.label = PROTOBUF_C_LABEL_NONE,
	.type = PROTOBUF_C_TYPE_MESSAGE,
	.offset = offsetof(struct tree, child),
	.descriptor = &tree,
}};
static const unsigned tree_names[] = {0};
static const ProtobufCIntRange tree_ranges[] = {{1, 0}, {0, 1}};
static void tree_init(ProtobufCMessage *message)
{
	message->descriptor = &tree;
}
static const ProtobufCMessageDescriptor tree = {
	.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
	.name = "test.Tree",
	.sizeof_message = sizeof(struct tree),
	.n_fields = 1,
	.fields = tree_fields,
	.fields_sorted_by_name = tree_names,
	.n_field_ranges = 1,
	.field_ranges = tree_ranges,
	.message_init = tree_init,
};

/* `levels` trees, one in the other, innermost empty. */
static struct text nested(struct arena *arena, size_t levels)
{
	size_t length = 0;
	unsigned char *bytes = arena_alloc(arena, levels * 6);
	unsigned char *end = bytes + levels * 6;
	for (size_t level = 1; level < levels; level++) {
		unsigned char head[6];
		size_t at = 0;
		head[at++] = 1 << 3 | 2;
		size_t rest = length;
		for (; rest > 0x7F; rest >>= 7)
			head[at++] = (unsigned char)(rest | 0x80);
		head[at++] = (unsigned char)rest;
		length += at;
		memcpy(end - length, head, at);
	}
	return (struct text){(char *)end - length, length};
}

static void nesting_is_refused_past_the_limit_before_unpacking(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	static const struct {
		const char *label;
		size_t levels;
		enum status expected;
	} rows[] = {
		{"one", 1, STATUS_OK},
		{"as deep as allowed", LIMIT_MESSAGE_DEPTH, STATUS_OK},
		{"one too many", LIMIT_MESSAGE_DEPTH + 1, STATUS_RESOURCE_EXHAUSTED},
		{"enough to overflow the stack", 200000, STATUS_RESOURCE_EXHAUSTED},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tree *message = NULL;
		struct text bytes = nested(arena, rows[i].levels);
		enum status got = wire_unpack(&tree, bytes, arena, &message, &err);
		if (got != rows[i].expected)
			fail_msg("%s: %s", rows[i].label, status_name(got));
		size_t depth = 0;
		for (; message; message = message->child)
			depth++;
		assert_int_equal(depth, got == STATUS_OK ? rows[i].levels : 0);
	}
	assert_string_equal(err.message, "message is nested deeper than 64 levels");
}

static Tenon__V1__CreateTableRequest *request(struct arena *arena, size_t columns, char *last)
{
	Tenon__V1__CreateTableRequest *made = arena_alloc(arena, sizeof *made);
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	Tenon__V1__StorageDescriptor *storage = arena_alloc(arena, sizeof *storage);
	tenon__v1__create_table_request__init(made);
	tenon__v1__table__init(table);
	tenon__v1__storage_descriptor__init(storage);
	made->table = table;
	table->database = arena_printf(arena, "sales");
	table->name = arena_printf(arena, "größe");
	table->storage = storage;
	storage->n_columns = columns;
	storage->columns = arena_array(arena, columns, sizeof(void *));
	for (size_t i = 0; i < columns; i++) {
		storage->columns[i] = arena_alloc(arena, sizeof **storage->columns);
		tenon__v1__column__init(storage->columns[i]);
		storage->columns[i]->name =
			i + 1 == columns ? last : arena_printf(arena, "c%zu", i);
	}
	return made;
}

static void what_was_packed_unpacks_the_same(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	struct text bytes = wire_pack(arena, &request(arena, 300, arena_printf(arena, "x"))->base);
	Tenon__V1__CreateTableRequest *back = NULL;
	assert_ok(wire_unpack(
			  &tenon__v1__create_table_request__descriptor, bytes, arena, &back, &err),
		&err);
	assert_string_equal(back->table->name, "größe");
	assert_int_equal(back->table->storage->n_columns, 300);
	assert_string_equal(back->table->storage->columns[299]->name, "x");
	assert_true(text_equal(wire_pack(arena, &back->base), bytes));

	Tenon__V1__CreateTableRequest *copy = wire_copy(arena, &back->base);
	assert_ptr_not_equal(copy->table, back->table);
	assert_true(text_equal(wire_pack(arena, &copy->base), bytes));
}

static void an_empty_message_packs_to_nothing_and_back(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	Tenon__V1__GetTableRequest empty = TENON__V1__GET_TABLE_REQUEST__INIT;
	struct text bytes = wire_pack(arena, &empty.base);
	assert_int_equal(bytes.length, 0);
	Tenon__V1__GetTableRequest *back = NULL;
	assert_ok(wire_unpack(&tenon__v1__get_table_request__descriptor, bytes, arena, &back, &err),
		&err);
	assert_string_equal(back->name, "");
}

static void strings_that_are_no_text_are_named_by_path(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *bytes;
		size_t length;
		const char *message;
	} rows[] = {
		{"\x0a\x07\x12\x05"
		 "a\x00"
		 "b\x00"
		 "c",
			9, "field 'table.name' contains a NUL byte"},
		{"\x0a\x04\x0a\x02\xC3\x28", 6, "field 'table.database' is not UTF-8"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		void *message = NULL;
		struct text bytes = {rows[i].bytes, rows[i].length};
		assert_int_equal(wire_unpack(&tenon__v1__create_table_request__descriptor, bytes,
					 arena, &message, &err),
			STATUS_INVALID_ARGUMENT);
		assert_string_equal(err.message, rows[i].message);
		assert_null(message);
	}
	struct error err;
	void *message = NULL;
	struct text bytes = wire_pack(arena, &request(arena, 4, arena_printf(arena, "\xFF"))->base);
	assert_int_equal(wire_unpack(&tenon__v1__create_table_request__descriptor, bytes, arena,
				 &message, &err),
		STATUS_INVALID_ARGUMENT);
	assert_string_equal(err.message, "field 'table.storage.columns[3].name' is not UTF-8");
	/* Our own records are trusted with text. */
	assert_ok(wire_unpack_record(&tenon__v1__create_table_request__descriptor, bytes, arena,
			  &message, &err),
		&err);
}

static void malformed_bytes_are_refused_where_they_stand(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	static const struct {
		const char *label;
		const char *bytes;
		size_t length;
	} rows[] = {
		{"a tag that does not end", "\x80\x80", 2},
		{"field number zero", "\x02\x01x", 3},
		{"a length past the end", "\x0a\x05xx", 4},
		{"a length of more than five bytes", "\x0a\x80\x80\x80\x80\x80\x01", 7},
		{"a varint of eleven bytes", "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
			12},
		{"a group", "\x0b\x0c", 2},
		{"a string sent as a number", "\x08\x01", 2},
		{"four bytes cut short", "\x0d\x01\x02", 3},
		{"eight bytes cut short", "\x09\x01\x02", 3},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		void *message = NULL;
		struct text bytes = {rows[i].bytes, rows[i].length};
		enum status got = wire_unpack(
			&tenon__v1__get_table_request__descriptor, bytes, arena, &message, &err);
		if (got != STATUS_INVALID_ARGUMENT)
			fail_msg("%s: %s", rows[i].label, status_name(got));
		assert_int_equal(wire_unpack_record(&tenon__v1__get_table_request__descriptor,
					 bytes, arena, &message, &err),
			STATUS_DATA_LOSS);
	}
}

static void fields_of_newer_clients_survive(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	struct text bytes = {"\x0a\x01"
			     "a\xfa\x3f\x02\xff\x00",
		8};
	Tenon__V1__GetTableRequest *message = NULL;
	assert_ok(wire_unpack(
			  &tenon__v1__get_table_request__descriptor, bytes, arena, &message, &err),
		&err);
	assert_true(text_equal(wire_pack(arena, &message->base), bytes));
}

static void amplification_is_held_to_the_arena_limit(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	/* Two bytes on the wire make one Database of some 100 bytes. */
	size_t length = 16u * 1024 * 1024;
	char *bytes = memory_new(length);
	for (size_t i = 0; i < length; i += 2)
		bytes[i] = 0x0a;
	void *message = NULL;
	assert_int_equal(wire_unpack(&tenon__v1__list_databases_response__descriptor,
				 (struct text){bytes, length}, arena, &message, &err),
		STATUS_RESOURCE_EXHAUSTED);
	assert_true(arena_bytes(arena) <= LIMIT_ARENA_BYTES);
	assert_null(message);
	free(bytes);
}

static void records_wrap_wire_messages(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct error err;
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	run.id = arena_printf(arena, "r1");
	run.state = TENON__V1__RUN_STATE__RUN_STATE_COMMITTING;
	record.run = &run;
	Tenon__Store__V1__RunRecord *back = NULL;
	assert_ok(wire_unpack_record(&tenon__store__v1__run_record__descriptor,
			  wire_pack(arena, &record.base), arena, &back, &err),
		&err);
	assert_string_equal(back->run->id, "r1");
	assert_int_equal(back->run->state, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING);
}

static void the_descriptors_name_every_service(void **state)
{
	(void)state;
	struct text all = wire_descriptors();
	static const char *const names[] = {"Catalog", "Crawlers", "Jobs", "Worker",
		"grpc.health.v1", "grpc.reflection.v1alpha"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_non_null(memmem(all.at, all.length, names[i], strlen(names[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_is_refused_past_the_limit_before_unpacking),
		cmocka_unit_test(what_was_packed_unpacks_the_same),
		cmocka_unit_test(an_empty_message_packs_to_nothing_and_back),
		cmocka_unit_test(strings_that_are_no_text_are_named_by_path),
		cmocka_unit_test(malformed_bytes_are_refused_where_they_stand),
		cmocka_unit_test(fields_of_newer_clients_survive),
		cmocka_unit_test(amplification_is_held_to_the_arena_limit),
		cmocka_unit_test(records_wrap_wire_messages),
		cmocka_unit_test(the_descriptors_name_every_service),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

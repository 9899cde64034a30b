#include "tests/service/daemon/daemon_process.h"

#include "tenon/v1/registry.pb-c.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define AVAILABLE TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_AVAILABLE
#define FAILURE	  TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_FAILURE

static enum status call(struct daemon_process *daemon, const char *method, const void *request,
	void *response_out, struct error *err)
{
	return daemon_call(
		daemon, &tenon__v1__registry__descriptor, method, request, response_out, err);
}

static char *copy(struct daemon_process *daemon, const char *text)
{
	return arena_text(daemon->arena, text_of(text));
}

static enum status create(struct daemon_process *daemon, const char *name,
	Tenon__V1__DataFormat format, Tenon__V1__Compatibility compatibility,
	const char *definition, struct error *err)
{
	Tenon__V1__CreateSchemaRequest request = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__V1__CreateSchemaResponse *response;
	schema.name = copy(daemon, name);
	schema.format = format;
	schema.compatibility = compatibility;
	request.schema = &schema;
	request.definition = copy(daemon, definition);
	return call(daemon, "CreateSchema", &request, &response, err);
}

static Tenon__V1__RegisterSchemaVersionResponse *put(
	struct daemon_process *daemon, const char *name, const char *definition)
{
	Tenon__V1__RegisterSchemaVersionRequest request =
		TENON__V1__REGISTER_SCHEMA_VERSION_REQUEST__INIT;
	Tenon__V1__RegisterSchemaVersionResponse *response = NULL;
	struct error err;
	request.schema = copy(daemon, name);
	request.definition = copy(daemon, definition);
	assert_ok(call(daemon, "RegisterSchemaVersion", &request, &response, &err), &err);
	assert_non_null(response->version);
	return response;
}

static void set_mode(struct daemon_process *daemon, const char *name,
	Tenon__V1__Compatibility compatibility, uint32_t checkpoint)
{
	Tenon__V1__UpdateSchemaRequest request = TENON__V1__UPDATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__UpdateSchemaResponse *response;
	struct error err;
	request.name = copy(daemon, name);
	request.compatibility = compatibility;
	request.checkpoint = checkpoint;
	assert_ok(call(daemon, "UpdateSchema", &request, &response, &err), &err);
}

#define MODE(word) TENON__V1__COMPATIBILITY__COMPATIBILITY_##word
#define AVRO	   TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO

static void a_version_is_what_the_same_definition_was(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	assert_ok(create(&daemon, "n", AVRO, MODE(BACKWARD), "{\"type\":\"int\",\"doc\":\"a\"}",
			  &err),
		&err);
	assert_int_equal(
		create(&daemon, "n", AVRO, MODE(BACKWARD), "\"int\"", &err), STATUS_ALREADY_EXISTS);
	assert_int_equal(create(&daemon, "m", AVRO, MODE(BACKWARD), "\"inte\"", &err),
		STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "byte 0"));
	Tenon__V1__RegisterSchemaVersionResponse *same =
		put(&daemon, "n", " { \"doc\" : \"a\",\n \"type\": \"int\" }");
	assert_false(same->created);
	assert_int_equal(same->version->version, 1);
	const char *id = same->version->id;

	Tenon__V1__RegisterSchemaVersionResponse *wider = put(&daemon, "n", "\"long\"");
	assert_true(wider->created && wider->version->status == AVAILABLE);
	assert_int_equal(wider->version->version, 2);
	assert_string_equal(wider->version->columns[0]->type, "bigint");

	daemon_kill(&daemon); /* acknowledged is durable */
	daemon_start(&daemon, NULL, NULL);
	Tenon__V1__GetSchemaVersionRequest get = TENON__V1__GET_SCHEMA_VERSION_REQUEST__INIT;
	Tenon__V1__GetSchemaVersionResponse *got;
	get.id = copy(&daemon, id);
	assert_ok(call(&daemon, "GetSchemaVersion", &get, &got, &err), &err);
	assert_int_equal(got->version->version, 1);
	assert_string_equal(got->version->schema, "n");
	daemon_done(&daemon);
}

static void what_is_not_compatible_fails_and_says_why(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	assert_ok(create(&daemon, "n", AVRO, MODE(BACKWARD), "\"long\"", &err), &err);
	Tenon__V1__RegisterSchemaVersionResponse *refused = put(&daemon, "n", "\"string\"");
	assert_true(refused->created);
	assert_int_equal(refused->version->status, FAILURE);
	assert_int_equal(refused->version->version, 2);
	assert_int_equal(refused->n_differences, 1);
	assert_string_equal(refused->differences[0]->before, "long");
	assert_string_equal(refused->differences[0]->after, "string");
	assert_non_null(strstr(refused->version->error, "version 1"));

	/* Again it is the failure that it was; later ones are not held to it. */
	Tenon__V1__RegisterSchemaVersionResponse *again = put(&daemon, "n", " \"string\"");
	assert_false(again->created);
	assert_string_equal(again->version->id, refused->version->id);
	assert_int_equal(again->n_differences, 1);
	assert_int_equal(put(&daemon, "n", "\"double\"")->version->status, AVAILABLE);

	/* Under another compatibility it may become a version. */
	set_mode(&daemon, "n", MODE(NONE), 0);
	again = put(&daemon, "n", "\"string\"");
	assert_true(again->created && again->version->status == AVAILABLE);
	assert_int_equal(again->version->version, 4);
	set_mode(&daemon, "n", MODE(DISABLED), 0);
	Tenon__V1__RegisterSchemaVersionRequest closed =
		TENON__V1__REGISTER_SCHEMA_VERSION_REQUEST__INIT;
	Tenon__V1__RegisterSchemaVersionResponse *response;
	closed.schema = copy(&daemon, "n");
	closed.definition = copy(&daemon, "\"bytes\"");
	assert_int_equal(call(&daemon, "RegisterSchemaVersion", &closed, &response, &err),
		STATUS_FAILED_PRECONDITION);
	assert_false(put(&daemon, "n", "\"string\"")->created); /* what is there is there */
	daemon_done(&daemon);
}

static void every_mode_compares_with_what_it_says(void **state)
{
	(void)state;
	/* Versions 1 int, 2 long, 3 float under NONE; then one more under the mode. */
	static const struct {
		const char *label;
		Tenon__V1__Compatibility mode;
		uint32_t checkpoint;
		const char *definition;
		bool accepted;
	} rows[] = {
		{"the last alone, backward", MODE(BACKWARD), 1, "\"double\"", true},
		{"all, backward", MODE(BACKWARD_ALL), 1, "\"double\"", true},
		{"a union reads them all", MODE(BACKWARD_ALL), 1, "[\"float\",\"string\"]", true},
		{"the last does not read it", MODE(FORWARD), 1, "\"double\"", false},
		{"the last reads it", MODE(FORWARD), 1, "\"long\"", true},
		{"the first does not", MODE(FORWARD_ALL), 1, "\"long\"", false},
		{"from the second on", MODE(FORWARD_ALL), 2, "\"int\"", true},
		{"not in both ways", MODE(FULL), 1, "\"double\"", false},
		{"in both ways", MODE(FULL), 1, "[\"float\"]", true},
		{"in both ways, with all", MODE(FULL_ALL), 1, "[\"float\"]", false},
		{"in both ways, from the last on", MODE(FULL_ALL), 3, "[\"float\"]", true},
		{"in no way", MODE(NONE), 1, "\"boolean\"", true},
	};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *name = arena_printf(daemon.arena, "s%zu", i);
		assert_ok(create(&daemon, name, AVRO, MODE(NONE), "\"int\"", &err), &err);
		(void)put(&daemon, name, "\"long\"");
		(void)put(&daemon, name, "\"float\"");
		set_mode(&daemon, name, rows[i].mode, rows[i].checkpoint);
		/* An attribute more: no row is a version already. */
		const char *definition = rows[i].definition;
		if (definition[0] == '"')
			definition =
				arena_printf(daemon.arena, "{\"type\":%s,\"n\":1}", definition);
		Tenon__V1__CheckSchemaRequest check = TENON__V1__CHECK_SCHEMA_REQUEST__INIT;
		Tenon__V1__CheckSchemaResponse *answer;
		check.schema = copy(&daemon, name);
		check.definition = copy(&daemon, definition);
		assert_ok(call(&daemon, "CheckSchema", &check, &answer, &err), &err);
		Tenon__V1__RegisterSchemaVersionResponse *got = put(&daemon, name, definition);
		if ((got->version->status == AVAILABLE) != rows[i].accepted)
			fail_msg("%s: %s", rows[i].label, got->version->error);
		if (answer->compatible != rows[i].accepted || !answer->valid)
			fail_msg("%s: the check said otherwise: %s", rows[i].label, answer->error);
		assert_int_equal(answer->n_differences == 0, rows[i].accepted);
	}
	daemon_done(&daemon);
}

static void a_check_says_what_is_not_valid(void **state)
{
	(void)state;
	static const struct {
		Tenon__V1__DataFormat format;
		const char *definition;
		const char *said; /* NULL: valid */
	} rows[] = {
		{AVRO, "{\"type\":\"record\"}", "'name'"},
		{AVRO, "{\"type\":\"record\",\"name\":\"a\",\"fields\":[]}", NULL},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON, "{\"type\":\"strin\"}", "no type"},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON, "{\"$ref\":\"#/x\"}",
			"leads to nothing"},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON, "{\"$ref\":\"#\"}", "itself"},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_JSON, "true", NULL},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF, "message M { int32 a = 1; }",
			"line 1"},
		{TENON__V1__DATA_FORMAT__DATA_FORMAT_PROTOBUF,
			"syntax = \"proto3\"; message M { int32 a = 1; }", NULL},
	};
	struct daemon_process daemon;
	struct error err;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Tenon__V1__CheckSchemaRequest check = TENON__V1__CHECK_SCHEMA_REQUEST__INIT;
		Tenon__V1__CheckSchemaResponse *answer;
		check.format = rows[i].format;
		check.definition = copy(&daemon, rows[i].definition);
		assert_ok(call(&daemon, "CheckSchema", &check, &answer, &err), &err);
		if (answer->valid != !rows[i].said ||
			(rows[i].said && !strstr(answer->error, rows[i].said)))
			fail_msg("%s: '%s'", rows[i].definition, answer->error);
	}
	daemon_done(&daemon);
}

static Tenon__V1__Table *referring(
	struct daemon_process *daemon, const char *schema, uint32_t version)
{
	struct arena *arena = daemon->arena;
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	Tenon__V1__SchemaReference *reference = arena_alloc(arena, sizeof *reference);
	*table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	*reference = (Tenon__V1__SchemaReference)TENON__V1__SCHEMA_REFERENCE__INIT;
	table->database = copy(daemon, "sales");
	table->name = copy(daemon, "orders");
	table->storage = arena_alloc(arena, sizeof *table->storage);
	*table->storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	table->storage->location = copy(daemon, "/lake/orders");
	table->storage->schema = reference;
	reference->schema = copy(daemon, schema);
	reference->version = version;
	return table;
}

/* "a:int b:string": what a reader gets; "" for none. */
static const char *columns_of(struct daemon_process *daemon)
{
	const Tenon__V1__Table *table = get_table(daemon, "sales", "orders");
	const char *text = "";
	for (size_t i = 0; i < table->storage->n_columns; i++)
		text = arena_printf(daemon->arena, "%s%s%s:%s", text, i ? " " : "",
			table->storage->columns[i]->name, table->storage->columns[i]->type);
	return text;
}

static void a_table_that_names_a_schema_has_its_columns(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	const ProtobufCServiceDescriptor *catalog = &tenon__v1__catalog__descriptor;
	Tenon__V1__CreateTableRequest create_table = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__CreateTableResponse *created;
	Tenon__V1__UpdateTableRequest update = TENON__V1__UPDATE_TABLE_REQUEST__INIT;
	Tenon__V1__UpdateTableResponse *updated;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_database(&daemon, "sales");
	create_table.table = referring(&daemon, "o", 0);
	assert_int_equal(
		daemon_call(&daemon, catalog, "CreateTable", &create_table, &created, &err),
		STATUS_NOT_FOUND);
	assert_ok(create(&daemon, "o", AVRO, MODE(BACKWARD),
			  "{\"type\":\"record\",\"name\":\"o\",\"fields\":"
			  "[{\"name\":\"a\",\"type\":\"int\"}]}",
			  &err),
		&err);
	assert_ok(
		daemon_call(&daemon, catalog, "CreateTable", &create_table, &created, &err), &err);
	assert_int_equal(created->table->storage->n_columns, 1);
	assert_string_equal(columns_of(&daemon), "a:int");
	(void)put(&daemon, "o",
		"{\"type\":\"record\",\"name\":\"o\",\"fields\":["
		"{\"name\":\"a\",\"type\":\"long\"},"
		"{\"name\":\"b\",\"type\":\"string\",\"default\":\"\"}]}");
	assert_string_equal(
		columns_of(&daemon), "a:bigint b:string"); /* the newest, at each read */

	/* What was read can be put back: it makes no version of the table. */
	update.table = get_table(&daemon, "sales", "orders");
	assert_ok(daemon_call(&daemon, catalog, "UpdateTable", &update, &updated, &err), &err);
	assert_false(updated->changed);
	assert_int_equal(updated->table->storage->n_columns, 2);
	update.table = referring(&daemon, "o", 1);
	assert_ok(daemon_call(&daemon, catalog, "UpdateTable", &update, &updated, &err), &err);
	assert_true(updated->changed);
	assert_string_equal(columns_of(&daemon), "a:int");
	(void)put(&daemon, "o", "\"int\""); /* version 3, refused */
	update.table = referring(&daemon, "o", 3);
	assert_int_equal(daemon_call(&daemon, catalog, "UpdateTable", &update, &updated, &err),
		STATUS_FAILED_PRECONDITION);

	Tenon__V1__ListTablesRequest list = TENON__V1__LIST_TABLES_REQUEST__INIT;
	Tenon__V1__ListTablesResponse *listed;
	list.database = copy(&daemon, "sales");
	assert_ok(daemon_call(&daemon, catalog, "ListTables", &list, &listed, &err), &err);
	assert_int_equal(listed->tables[0]->storage->n_columns, 1);

	Tenon__V1__DeleteSchemaRequest drop = TENON__V1__DELETE_SCHEMA_REQUEST__INIT;
	Tenon__V1__DeleteSchemaResponse *dropped;
	drop.name = copy(&daemon, "o");
	assert_ok(call(&daemon, "DeleteSchema", &drop, &dropped, &err), &err);
	assert_string_equal(columns_of(&daemon), "");
	daemon_done(&daemon);
}

enum { WRITERS = 8, EACH = 6 };

struct writer {
	struct daemon_process *daemon;
	pthread_t thread;
	unsigned number;
	unsigned accepted;
};

/* Each wants to make the next version of the same enum, with a symbol of its own: under
 * FULL none may follow another, whoever comes first. */
static void *write_versions(void *state)
{
	struct writer *writer = state;
	OWNED(arena) arena = arena_new();
	for (unsigned i = 0; i < EACH; i++) {
		Tenon__V1__RegisterSchemaVersionRequest request =
			TENON__V1__REGISTER_SCHEMA_VERSION_REQUEST__INIT;
		Tenon__V1__RegisterSchemaVersionResponse *response = NULL;
		struct error err;
		request.schema = arena_text(arena, TEXT("e"));
		request.definition = arena_printf(arena,
			"{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"W%uN%u\"]}",
			writer->number, i);
		if (rpc_invoke(writer->daemon->channel, &tenon__v1__registry__descriptor,
			    "RegisterSchemaVersion", &request.base, -1, arena, &response,
			    &err) != STATUS_OK)
			continue;
		writer->accepted += response->version->status == AVAILABLE;
	}
	return NULL;
}

static void of_writers_at_once_each_decision_holds_when_it_is_written(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct writer writers[WRITERS];
	struct error err;
	unsigned accepted = 0;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	assert_ok(create(&daemon, "e", AVRO, MODE(BACKWARD_ALL),
			  "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}", &err),
		&err);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){.daemon = &daemon, .number = i};
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_versions, &writers[i]), 0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		(void)pthread_join(writers[i].thread, NULL);
		accepted += writers[i].accepted;
	}
	/* The first reads A; none reads the first's own symbol but itself. */
	assert_int_equal(accepted, 1);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_version_is_what_the_same_definition_was),
		cmocka_unit_test(what_is_not_compatible_fails_and_says_why),
		cmocka_unit_test(every_mode_compares_with_what_it_says),
		cmocka_unit_test(a_check_says_what_is_not_valid),
		cmocka_unit_test(a_table_that_names_a_schema_has_its_columns),
		cmocka_unit_test(of_writers_at_once_each_decision_holds_when_it_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

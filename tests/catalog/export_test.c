#include "tests/catalog/export_lines.h"
#include "tests/catalog/kill_kinds.h"

#include "base/clock.h"
#include "catalog/connections.h"
#include "catalog/export_line.h"

#include <inttypes.h>

struct step {
	uint64_t writer, step;
};

static enum status step_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct step *at = state;
	return kill_write(txn, at->writer, at->step, err);
}

/* Some of everything, with what was changed and dropped on the way. */
static void fill(struct fixture *f, unsigned seed)
{
	for (uint64_t writer = 0; writer < KILL_WRITERS; writer++) {
		seed = seed * 1103515245u + 12345u;
		uint64_t steps = 1 + (seed >> 16) % 12;
		/* A run that is under way comes back as one that failed. */
		if (strcmp(kill_kind_of(writer)->name, "run") == 0)
			steps = steps / 3 * 3 + 1;
		for (uint64_t i = 1; i <= steps; i++)
			assert_ok(catalog_write_now(f->catalog, step_apply,
					  &(struct step){writer, i}, &f->err),
				&f->err);
	}
}

static void what_is_exported_and_imported_is_exported_the_same(void **state)
{
	(void)state;
	unsigned seed = (unsigned)clock_now_us();
	print_message("seed %u\n", seed);
	for (int round = 0; round < 4; round++, seed += 7919) {
		struct fixture f;
		struct fixture other;
		struct buffer first = {0};
		struct buffer again = {0};
		fixture_open(&f, 0);
		fixture_open(&other, 64 * 1024); /* the map grows below it */
		fill(&f, seed);
		assert_ok(export_to(&f, true, &first), &f.err);
		assert_ok(import_from(&other, buffer_text(&first), round ? 4096 : 1), &other.err);
		assert_ok(export_to(&other, true, &again), &other.err);
		same_lines(export_body(&first), export_body(&again));
		/* What is made next gets numbers of its own. */
		assert_ok(make_database(&other, "more"), &other.err);
		assert_ok(make_table(&other, "more", "t", "a int"), &other.err);
		buffer_done(&first);
		buffer_done(&again);
		fixture_close(&other);
		fixture_close(&f);
	}
}

static void an_empty_catalog_is_exported_and_imported(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture other;
	struct buffer lines = {0};
	fixture_open(&f, 0);
	fixture_open(&other, 0);
	assert_ok(export_to(&f, true, &lines), &f.err);
	assert_ok(import_from(&other, buffer_text(&lines), 1), &other.err);
	buffer_done(&lines);
	fixture_close(&other);
	fixture_close(&f);
}

static void only_an_empty_catalog_takes_an_import(void **state)
{
	(void)state;
	struct fixture f;
	struct buffer lines = {0};
	struct import *import = NULL;
	fixture_open(&f, 0);
	assert_ok(export_to(&f, true, &lines), &f.err);
	assert_ok(import_new(f.catalog, &import, &f.err), &f.err);
	assert_ok(import_lines(import, buffer_text(&lines), &f.err), &f.err);
	/* Somebody was quicker. */
	assert_ok(make_database(&f, "d"), &f.err);
	assert_int_equal(import_finish(import, &f.err), STATUS_FAILED_PRECONDITION);
	assert_non_null(strstr(f.err.message, "databases"));
	import_free(import);
	assert_int_equal(import_new(f.catalog, &import, &f.err), STATUS_FAILED_PRECONDITION);
	buffer_done(&lines);
	fixture_close(&f);
}

struct connection_task {
	const Tenon__V1__Connection *put; /* NULL: only read */
	struct arena *arena;
	Tenon__V1__Connection *got;
};

static enum status connection_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	struct connection_task *task = state;
	struct connection_put put = {task->put, true, false};
	bool created;
	return connection_put(txn, &put, task->arena, &task->got, &created, err);
}

static const char *password_of(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	Tenon__V1__Connection *got;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(connection_get(txn, TEXT("c"), true, f->arena, &got, &f->err), &f->err);
	assert_int_equal(got->n_properties, 2);
	return got->properties[0]->value;
}

static void secrets_travel_only_when_asked_for(void **state)
{
	(void)state;
	struct fixture f;
	Tenon__V1__Connection connection = TENON__V1__CONNECTION__INIT;
	Tenon__V1__Connection__PropertiesEntry password =
		TENON__V1__CONNECTION__PROPERTIES_ENTRY__INIT;
	Tenon__V1__Connection__PropertiesEntry url = TENON__V1__CONNECTION__PROPERTIES_ENTRY__INIT;
	Tenon__V1__Connection__PropertiesEntry *properties[] = {&password, &url};
	char name[] = "c";
	char type[] = "JDBC";
	char key[] = "PASSWORD";
	char value[] = "swordfish";
	char url_key[] = "URL";
	char url_value[] = "jdbc:mysql://db/shop?user=u&password=swordfish";
	fixture_open(&f, 0);
	connection.name = name;
	connection.type = type;
	password.key = key;
	password.value = value;
	url.key = url_key;
	url.value = url_value;
	connection.properties = properties;
	connection.n_properties = 2;
	struct connection_task task = {&connection, f.arena, NULL};
	assert_ok(catalog_write_now(f.catalog, connection_apply, &task, &f.err), &f.err);
	for (int with = 0; with < 2; with++) {
		struct fixture other;
		struct buffer lines = {0};
		fixture_open(&other, 0);
		assert_ok(export_to(&f, with, &lines), &f.err);
		buffer_add_byte(&lines, 0);
		assert_int_equal(strstr(lines.at, value) != NULL, with);
		lines.length--;
		assert_ok(import_from(&other, buffer_text(&lines), 4096), &other.err);
		assert_string_equal(password_of(&other), with ? value : "***");
		buffer_done(&lines);
		fixture_close(&other);
	}
	fixture_close(&f);
}

static void a_run_that_was_under_way_arrives_as_failed(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture other;
	struct buffer lines = {0};
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	Tenon__Store__V1__RunRecord *got;
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	char id[26];
	run_id_new(id);
	run.id = id;
	run.state = TENON__V1__RUN_STATE__RUN_STATE_RUNNING;
	record.run = &run;
	fixture_open(&f, 0);
	fixture_open(&other, 0);
	MUST(&f, .what = TASK_RUN_PUT, .message = &record);
	assert_ok(export_to(&f, true, &lines), &f.err);
	assert_ok(import_from(&other, buffer_text(&lines), 1), &other.err);
	OWNED(catalog_txn) txn = NULL;
	assert_ok(catalog_read(other.catalog, &txn, &other.err), &other.err);
	assert_ok(run_get(txn, text_of(id), other.arena, &got, &other.err), &other.err);
	assert_int_equal(got->run->state, TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	assert_non_null(strstr(got->run->error, "under way"));
	assert_true(got->run->end_time_us > 0);
	catalog_txn_free(TAKE(txn));
	buffer_done(&lines);
	fixture_close(&other);
	fixture_close(&f);
}

static void a_bad_line_is_named_and_nothing_of_the_import_is_left(void **state)
{
	(void)state;
#define HEAD "{\"head\":{\"version\":1,\"format\":1}}\n"
	static const struct {
		const char *label;
		const char *lines;
		enum status status;
		const char *says;
	} rows[] = {
		{"no JSON", HEAD "nothing\n", STATUS_INVALID_ARGUMENT, "line 2"},
		{"no head", "{\"in\":\"databases\",\"key\":[\"d\"],\"value\":{}}\n",
			STATUS_INVALID_ARGUMENT, "line 1: it is not the first line of an export"},
		{"a form that is newer", "{\"head\":{\"version\":2}}\n", STATUS_INVALID_ARGUMENT,
			"version 2"},
		{"a store that is newer", "{\"head\":{\"version\":1,\"format\":99}}\n",
			STATUS_INVALID_ARGUMENT, "format 99"},
		{"two heads", HEAD HEAD, STATUS_INVALID_ARGUMENT, "line 2: a second head"},
		{"an unknown part", HEAD "{\"in\":\"ghosts\",\"key\":[\"d\"],\"value\":{}}\n",
			STATUS_INVALID_ARGUMENT, "line 2: in: no part"},
		{"what is derived",
			HEAD "{\"in\":\"tables_by_name\",\"key\":[\"d\"],\"raw\":\"\"}\n",
			STATUS_INVALID_ARGUMENT, "is made of other records"},
		{"an unknown field",
			HEAD "{\"in\":\"databases\",\"key\":[\"d\"],\"value\":"
			     "{\"nam\":\"d\"}}\n",
			STATUS_INVALID_ARGUMENT, "did you mean 'name'"},
		{"a value where bytes are kept",
			HEAD "{\"in\":\"meta\",\"key\":[\"d\"],\"value\":"
			     "{}}\n",
			STATUS_INVALID_ARGUMENT, "come as raw"},
		{"too few parts", HEAD "{\"in\":\"versions\",\"key\":[\"1\"],\"value\":{}}\n",
			STATUS_INVALID_ARGUMENT, "1 parts"},
		{"no number", HEAD "{\"in\":\"tables\",\"key\":[\"1x\"],\"value\":{}}\n",
			STATUS_INVALID_ARGUMENT, "'1x' is not a number"},
		{"half a byte", HEAD "{\"in\":\"tables\",\"key\":[\"\\\\x123\"],\"value\":{}}\n",
			STATUS_INVALID_ARGUMENT, "hex"},
		{"an empty key", HEAD "{\"in\":\"databases\",\"key\":[\"\"],\"value\":{}}\n",
			STATUS_INVALID_ARGUMENT, "empty"},
		{"no line's end", HEAD "{\"tail\":{}}", STATUS_INVALID_ARGUMENT, "no end"},
		{"cut short", HEAD, STATUS_DATA_LOSS, "its last line is missing"},
		{"a record less", HEAD "{\"tail\":{\"records\":1}}\n", STATUS_DATA_LOSS,
			"had 1 records, and 0 came"},
		{"another sum", HEAD "{\"tail\":{\"sum\":\"00\"}}\n", STATUS_DATA_LOSS,
			"their sum is"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture f;
		struct buffer lines = {0};
		fixture_open(&f, 0);
		enum status status = import_from(&f, text_of(rows[i].lines), 4096);
		if (status != rows[i].status || !strstr(f.err.message, rows[i].says))
			fail_msg("%s: %s: %s", rows[i].label, status_name(status), f.err.message);
		/* It is empty still. */
		assert_ok(export_to(&f, true, &lines), &f.err);
		assert_ok(import_from(&f, buffer_text(&lines), 4096), &f.err);
		buffer_done(&lines);
		fixture_close(&f);
	}
}

/* The lines with one of them left out, and a tail that says so. */
static void lines_that_do_not_fit_together_are_refused(void **state)
{
	(void)state;
	struct fixture f;
	struct fixture other;
	struct buffer lines = {0};
	struct buffer fewer = {0};
	fixture_open(&f, 0);
	fixture_open(&other, 0);
	assert_ok(make_database(&f, "d"), &f.err);
	assert_ok(make_table(&f, "d", "t", "a int"), &f.err);
	assert_ok(export_to(&f, true, &lines), &f.err);
	buffer_init(&fewer, SIZE_MAX);
	struct text rest = buffer_text(&lines);
	struct text line;
	struct hash sum = {0};
	uint64_t records = 0;
	bool more = true;
	rest.length--;
	while (text_split(&rest, &more, '\n', &line)) {
		char text[HASH_TEXT_BYTES];
		if (text_starts(line, TEXT("{\"in\":\"versions\"")))
			continue;
		if (text_starts(line, TEXT("{\"tail\""))) {
			buffer_printf(&fewer,
				"{\"tail\":{\"records\":%" PRIu64 ",\"sum\":\"%s\"}}\n", records,
				hash_text(sum, text));
			break;
		}
		records += text_starts(line, TEXT("{\"in\""));
		if (text_starts(line, TEXT("{\"in\"")))
			export_sum(&sum, line);
		buffer_add_text(&fewer, line);
		buffer_add_byte(&fewer, '\n');
	}
	assert_int_equal(import_from(&other, buffer_text(&fewer), 4096), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(other.err.message, "current-version: d.t"));
	assert_null(get_table(&other, "d", "t"));
	buffer_done(&lines);
	buffer_done(&fewer);
	fixture_close(&other);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_exported_and_imported_is_exported_the_same),
		cmocka_unit_test(an_empty_catalog_is_exported_and_imported),
		cmocka_unit_test(only_an_empty_catalog_takes_an_import),
		cmocka_unit_test(secrets_travel_only_when_asked_for),
		cmocka_unit_test(a_run_that_was_under_way_arrives_as_failed),
		cmocka_unit_test(a_bad_line_is_named_and_nothing_of_the_import_is_left),
		cmocka_unit_test(lines_that_do_not_fit_together_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/catalog/fixture.h"

#include "catalog/connections.h"
#include "catalog/feed_read.h"
#include "catalog/functions.h"
#include "catalog/statistics.h"
#include "catalog/store.h"
#include "catalog/tags.h"
#include "proto/json.h"

/* One write of one resource from JSON, and what the feed then says of it. */
struct step {
	const char *label;
	enum status (*apply)(struct catalog_txn *txn, void *state, struct error *err);
	const char *json;
	const char *expected; /* "kind resource: path: before > after;"; "": no change */
};

struct doing {
	const struct step *step;
	struct arena *arena;
};

static void *parsed(const struct doing *doing, const ProtobufCMessageDescriptor *type)
{
	void *message = NULL;
	struct error err;
	assert_ok(json_parse(text_of(doing->step->json), type, doing->arena, &message, &err), &err);
	return message;
}

static enum status database_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Database *out;
	return database_put(txn, parsed(doing, &tenon__v1__database__descriptor), false,
		doing->arena, &out, err);
}

static enum status database_new_definition(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Database *out;
	return database_update(txn, TEXT("d"), parsed(doing, &tenon__v1__database__descriptor),
		doing->arena, &out, err);
}

static enum status table_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Table *out;
	return table_create(
		txn, parsed(doing, &tenon__v1__table__descriptor), doing->arena, &out, err);
}

static enum status tags_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__Store__V1__TagsRecord *out;
	return tags_add(txn, TEXT("table/d/t"),
		parsed(doing, &tenon__store__v1__tags_record__descriptor), doing->arena, &out, err);
}

static enum status tags_gone(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__Store__V1__TagsRecord *out;
	char *key = arena_text(doing->arena, text_of(doing->step->json));
	return tags_remove(txn, TEXT("table/d/t"), &key, 1, doing->arena, &out, err);
}

static enum status function_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Function *out;
	return function_create(
		txn, parsed(doing, &tenon__v1__function__descriptor), doing->arena, &out, err);
}

static enum status function_other(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Function *out;
	return function_update(txn, TEXT("d"), TEXT("f"),
		parsed(doing, &tenon__v1__function__descriptor), doing->arena, &out, err);
}

static enum status statistics_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	const struct statistics_place place = {.database = TEXT("d"), .table = TEXT("t")};
	return statistics_put(
		txn, &place, parsed(doing, &tenon__v1__column_statistics__descriptor), err);
}

static enum status statistics_gone(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	const struct statistics_place place = {.database = TEXT("d"), .table = TEXT("t")};
	return statistics_delete(txn, &place, text_of(doing->step->json), err);
}

static enum status connection_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Connection *out;
	bool created;
	struct connection_put put = {
		.connection = parsed(doing, &tenon__v1__connection__descriptor)};
	return connection_put(txn, &put, doing->arena, &out, &created, err);
}

static enum status connection_gone(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	return connection_delete(txn, text_of(doing->step->json), err);
}

static enum status job_new(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	Tenon__V1__Job *out;
	bool created;
	return job_put(
		txn, parsed(doing, &tenon__v1__job__descriptor), doing->arena, &out, &created, err);
}

static enum status job_gone(struct catalog_txn *txn, void *state, struct error *err)
{
	struct doing *doing = state;
	return job_delete(txn, text_of(doing->step->json), err);
}

#define JOB(where, args)                                                              \
	"{\"name\": \"j\", \"plan\": {\"nodes\": [{\"name\": \"clean\", \"filter\": " \
	"{\"where\": \"" where "\"}}]}, \"default_args\": {" args "}}"
#define CONNECTION(user, password, more)                                               \
	"{\"name\": \"c\", \"type\": \"JDBC\", \"properties\": {\"USERNAME\": \"" user \
	"\", \"PASSWORD\": \"" password "\"" more "}"

/* "hush" is in every secret. */
static const struct step steps[] = {
	{"a new database", database_new, "{\"name\": \"D\", \"description\": \"x\"}",
		"database_created d: name:  > d;description:  > x;"},
	{"a database described anew", database_new_definition,
		"{\"description\": \"y\", \"parameters\": {\"team\": \"a\"}}",
		"database_updated d: description: x > y;parameters.team:  > a;"},
	{"the same again", database_new_definition,
		"{\"description\": \"y\", \"parameters\": {\"team\": \"a\"}}", ""},
	{"a table", table_new,
		"{\"database\": \"d\", \"name\": \"t\", \"storage\": {\"columns\": [{\"name\": "
		"\"a\", \"type\": \"int\"}]}}",
		"table_created d: "},
	{"tags", tags_new,
		"{\"tags\": [{\"key\": \"k\", \"value\": \"1\"}, {\"key\": \"l\", \"value\": "
		"\"2\"}]}",
		"tags_put table/d/t: tags.k:  > 1;tags.l:  > 2;"},
	{"one tag of two", tags_new, "{\"tags\": [{\"key\": \"l\", \"value\": \"3\"}]}",
		"tags_put table/d/t: tags.l: 2 > 3;"},
	{"a tag gone", tags_gone, "k", "tags_put table/d/t: tags.k: 1 > ;"},
	{"a function", function_new,
		"{\"database\": \"d\", \"name\": \"f\", \"class_name\": \"C\", \"resources\": "
		"[{\"type\": \"JAR\", \"uri\": \"u\"}]}",
		"function_put function/d/f: database:  > d;name:  > f;class_name:  > C;"
		"resources:  > [{\"type\":\"JAR\",\"uri\":\"u\"}];"},
	{"a function of another class", function_other,
		"{\"class_name\": \"E\", \"resources\": [{\"type\": \"JAR\", \"uri\": \"u\"}]}",
		"function_put function/d/f: class_name: C > E;"},
	{"statistics of whole numbers", statistics_new,
		"{\"column\": \"a\", \"nulls\": 1, \"long_values\": {\"minimum\": -3, "
		"\"distinct\": 2}}",
		"statistics_put table/d/t: a.column:  > a;a.nulls: 0 > 1;"
		"a.long_values.minimum: 0 > -3;a.long_values.distinct: 0 > 2;"},
	{"and of another kind, in the same place in memory", statistics_new,
		"{\"column\": \"a\", \"nulls\": 1, \"string_values\": {\"length_max\": 9}}",
		"statistics_put table/d/t: a.long_values.minimum: -3 > 0;"
		"a.long_values.distinct: 2 > 0;a.string_values.length_max: 0 > 9;"},
	{"statistics gone", statistics_gone, "a",
		"statistics_deleted table/d/t: a.column: a > ;a.nulls: 1 > 0;"
		"a.string_values.length_max: 9 > 0;"},
	{"a connection", connection_new, CONNECTION("u", "hush1", "") "}",
		"connection_put connection/c: name:  > c;type:  > JDBC;properties.PASSWORD:  > "
		"***;properties.USERNAME:  > u;"},
	{"another password says only that it is another", connection_new,
		CONNECTION("u", "hush2", "") "}",
		"connection_put connection/c: properties.PASSWORD: *** > ***;"},
	{"the same password", connection_new, CONNECTION("v", "***", "") "}",
		"connection_put connection/c: properties.USERNAME: u > v;"},
	{"a key that becomes secret", connection_new,
		CONNECTION("v", "***", ", \"K\": \"hush3\"") ", \"secret_keys\": [\"k\"]}",
		"connection_put connection/c: properties.K:  > ***;secret_keys:  > [\"k\"];"},
	{"a secret that is no longer declared one", connection_new,
		CONNECTION("v", "***", ", \"K\": \"plain\"") "}",
		"connection_put connection/c: properties.K: *** > ***;secret_keys: [\"k\"] > ;"},
	{"a password inside a URL", connection_new,
		CONNECTION("v", "***", ", \"URL\": \"pg://u:hush7@db/\"") "}",
		"connection_put connection/c: properties.K: plain > ;properties.URL:  > "
		"pg://u:***@db/;"},
	{"another one", connection_new,
		CONNECTION("v", "***", ", \"URL\": \"pg://u:hush8@db/\"") "}",
		"connection_put connection/c: properties.URL: pg://u:***@db/ > pg://u:***@db/;"},
	{"another host alone", connection_new,
		CONNECTION("v", "***", ", \"URL\": \"pg://u:***@other/\"") "}",
		"connection_put connection/c: properties.URL: pg://u:***@db/ > pg://u:***@other/;"},
	{"a connection gone", connection_gone, "c", NULL},
	{"a job", job_new, JOB("a > 1", "\"day\": \"1\", \"db_password\": \"hush5\""),
		"job_put job/j: name:  > j;plan.nodes.clean.name:  > clean;"
		"plan.nodes.clean.filter.where:  > a > 1;default_args.day:  > 1;"
		"default_args.db_password:  > ***;"},
	{"one node and a secret argument", job_new,
		JOB("a > 2", "\"day\": \"1\", \"db_password\": \"hush6\""),
		"job_put job/j: plan.nodes.clean.filter.where: a > 1 > a > 2;"
		"default_args.db_password: *** > ***;"},
	{"the same job", job_new, JOB("a > 2", "\"day\": \"1\", \"db_password\": \"hush6\""), ""},
	{"a job gone", job_gone, "j",
		"job_deleted job/j: name: j > ;plan.nodes.clean.name: clean > ;"
		"plan.nodes.clean.filter.where: a > 2 > ;default_args.day: 1 > ;"
		"default_args.db_password: *** > ;"},
};

static struct fixture *shared;

static char *last_change(struct fixture *f, uint64_t after)
{
	OWNED(catalog_txn) txn = NULL;
	const Tenon__V1__WatchRequest all = TENON__V1__WATCH_REQUEST__INIT;
	struct feed_step step;
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, 65536);
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(feed_read(txn, after, &all, 10, f->arena, &step, &f->err), &f->err);
	assert_true(step.count <= 1);
	for (size_t i = 0; i < step.count; i++) {
		const Tenon__V1__Change *change = step.changes[i];
		buffer_printf(&out, "%s %s: ", change->kind,
			change->resource[0] ? change->resource : change->database);
		for (size_t k = 0; k < change->n_fields; k++)
			buffer_printf(&out, "%s: %s > %s;", change->fields[k]->path,
				change->fields[k]->before, change->fields[k]->after);
	}
	return arena_text(f->arena, buffer_text(&out));
}

static uint64_t newest(struct fixture *f)
{
	OWNED(catalog_txn) txn = NULL;
	uint64_t oldest;
	uint64_t newest;
	assert_ok(catalog_read(f->catalog, &txn, &f->err), &f->err);
	assert_ok(feed_range(txn, &oldest, &newest, &f->err), &f->err);
	return newest;
}

static void every_write_says_which_fields_differ(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct doing doing = {&steps[i], shared->arena};
		uint64_t before = newest(shared);
		print_message("%s\n", steps[i].label);
		assert_ok(catalog_write_now(shared->catalog, steps[i].apply, &doing, &shared->err),
			&shared->err);
		if (steps[i].expected)
			assert_string_equal(last_change(shared, before), steps[i].expected);
	}
}

static void no_byte_of_the_feed_is_of_a_secret(void **state)
{
	(void)state;
	OWNED(catalog_txn) txn = NULL;
	OWNED(scan) scan = NULL;
	size_t records = 0;
	assert_ok(catalog_read(shared->catalog, &txn, &shared->err), &shared->err);
	assert_ok(scan_open(txn, DB_FEED, TEXT(""), TEXT(""), &scan, &shared->err), &shared->err);
	for (;; records++) {
		bool found;
		struct text key;
		struct text value;
		assert_ok(scan_next(scan, &found, &key, &value, &shared->err), &shared->err);
		if (!found)
			break;
		if (memmem(value.at, value.length, "hush", 4))
			fail_msg("change %zu holds a secret", records + 1);
	}
	assert_true(records > 10);
}

static int open_it(void **state)
{
	shared = malloc(sizeof *shared);
	fixture_open(shared, 0);
	*state = shared;
	return 0;
}

static int close_it(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_write_says_which_fields_differ),
		cmocka_unit_test(no_byte_of_the_feed_is_of_a_secret),
	};
	return cmocka_run_group_tests(tests, open_it, close_it);
}

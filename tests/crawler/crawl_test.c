#include "base/memory.h"
#include "crawler/crawl.h"
#include "formats/format.h"
#include "schema/notation.h"
#include "tests/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The crawl by itself: formats are played by what follows. A file says what it
 * is: "json a:int,b:string", "unknown", "corrupt", "slow". */
static const struct format played_formats[] = {
	{.classification = "json"}, {.classification = "csv"}};
static _Atomic unsigned opened;

static void read_text(struct store *store, const struct object *object, char text[static 512])
{
	struct error err;
	OWNED(object_file) file = NULL;
	size_t length = 0;
	assert_ok(object_open(store, object, &file, &err), &err);
	assert_ok(object_read(file, 0, text, 511, &length, &err), &err);
	text[length] = 0;
}

enum status format_classify(struct store *store, const struct object *object, struct arena *arena,
	struct inferred *inferred_out, const struct format **format_out, struct error *err)
{
	char text[512];
	(void)arena;
	(void)err;
	opened++;
	read_text(store, object, text);
	*format_out = NULL;
	inferred_out->classification = "UNKNOWN";
	inferred_out->libmagic = "text/x-odd";
	if (strncmp(text, "unknown", 7) == 0)
		return STATUS_OK;
	*format_out = &played_formats[strncmp(text, "csv", 3) == 0];
	inferred_out->classification = (*format_out)->classification;
	return STATUS_OK;
}

enum status format_infer(const struct format *format, struct store *store,
	const struct object *object, unsigned threads, const volatile bool *stop,
	struct arena *arena, struct inferred *inferred, struct error *err)
{
	char text[512];
	(void)format;
	(void)threads;
	read_text(store, object, text);
	if (strncmp(text, "corrupt", 7) == 0)
		return fail(err, STATUS_DATA_LOSS, "gzip data ends at byte 7");
	for (int waited = 0; strncmp(text, "slow", 4) == 0; waited++) {
		if (__atomic_load_n(stop, __ATOMIC_RELAXED))
			return fail(err, STATUS_CANCELLED, "stopped");
		assert_true(waited < 2000);
		(void)usleep(5000);
	}
	const char *row = arena_printf(arena, "struct<%s>", strchr(text, ' ') + 1);
	assert_ok(type_parse(arena, text_of(row), &inferred->row, err), err);
	inferred->rows = 10;
	inferred->typed = text[0] == 'j';
	if (!inferred->typed)
		inferred->dialect = (struct dialect){.delimiter = ';',
			.quote = '"',
			.header = true,
			.skip = 2,
			.encoding = "latin-1",
			.null_text = strstr(row, "na:") ? "NA" : NULL};
	struct evidence_arm *arm = arena_alloc(arena, sizeof *arm);
	*arm = (struct evidence_arm){
		inferred->row->fields[0].type, 9, object->path, 4, TEXT("gr\xC3\xB6\xC3")};
	struct evidence *seen = arena_alloc(arena, sizeof *seen);
	*seen = (struct evidence){TEXT("a"), 9, 1, arm, 1};
	inferred->evidence = seen;
	inferred->evidence_count = 1;
	struct bad_record *bad = arena_alloc(arena, sizeof *bad);
	*bad = (struct bad_record){3, 1, "is no record", TEXT("x\0y")};
	inferred->bad = bad;
	inferred->bad_count = 1;
	inferred->bad_records = 1;
	return STATUS_OK;
}

/* ---- a lake in a folder ---- */

static char root[64];

static int make_root(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof root, "%s", "/tmp/tenon-crawl-XXXXXX");
	opened = 0;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	(void)state;
	char command[128];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", root);
	return system(command); /* NOLINT(cert-env33-c): our own folder */
}

static void put(const char *name, const char *content)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/%s", root, name);
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
		slash = strchr(slash + 1, '/')) {
		*slash = 0;
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(content, file);
	(void)fclose(file);
}

static Tenon__V1__ApplyCrawlRequest *crawl_again(
	struct arena *arena, const Tenon__V1__ApplyCrawlRequest *before, unsigned threads)
{
	struct error err;
	Tenon__V1__CrawlTask task = TENON__V1__CRAWL_TASK__INIT;
	Tenon__V1__ApplyCrawlRequest *plan = NULL;
	Tenon__V1__LedgerEntry *ledger[256] = {0};
	size_t count = 0;
	char database[] = "db";
	task.path = root;
	task.database = database;
	task.threads = threads;
	/* What the daemon would keep: entries of tables and loose ones, by path. */
	for (size_t i = 0; before && i < before->n_tables; i++) {
		for (size_t k = 0; k < before->tables[i]->n_files; k++)
			ledger[count++] = before->tables[i]->files[k];
	}
	for (size_t i = 0; before && i < before->n_loose; i++)
		ledger[count++] = before->loose[i];
	for (size_t i = 1; i < count; i++) {
		for (size_t k = i; k > 0 && strcmp(ledger[k - 1]->path, ledger[k]->path) > 0; k--) {
			Tenon__V1__LedgerEntry *entry = ledger[k];
			ledger[k] = ledger[k - 1];
			ledger[k - 1] = entry;
		}
	}
	assert_ok(crawl(&task, ledger, count, NULL, arena, &plan, &err), &err);
	return plan;
}

static const char *parameter(const Tenon__V1__Table *table, const char *key)
{
	for (size_t i = 0; i < table->n_parameters; i++) {
		assert_string_equal(table->parameters[i]->key, table->storage->parameters[i]->key);
		if (strcmp(table->parameters[i]->key, key) == 0)
			return table->parameters[i]->value;
	}
	return "";
}

static const char *columns(struct arena *arena, const Tenon__V1__Table *table)
{
	const char *text = "";
	for (size_t i = 0; i < table->storage->n_columns; i++)
		text = arena_printf(arena, "%s%s%s:%s", text, i ? "," : "",
			table->storage->columns[i]->name, table->storage->columns[i]->type);
	return text;
}

static void a_plan_describes_tables_as_hive_does(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("events/dt=1/a.json", "json a:int,b:choice<int,string>,dt:string");
	put("events/dt=2/a.json", "json a:double,b:null,c:bigint53");
	put("people/p.csv", "csv a:int,b:choice<int,string>,na:null");
	Tenon__V1__ApplyCrawlRequest *plan = crawl_again(arena, NULL, 2);
	assert_int_equal(plan->n_tables, 2);
	const Tenon__V1__CrawlTable *events = plan->tables[0];
	assert_string_equal(events->table->name, "events");
	assert_string_equal(
		events->table->storage->location, arena_printf(arena, "%s/events", root));
	assert_string_equal(events->summary->path, events->table->storage->location);
	assert_string_equal(
		columns(arena, events->table), "a:double,b:choice<int,string>,c:bigint");
	assert_string_equal(events->table->partition_keys[0]->name, "dt");
	assert_string_equal(events->table->partition_keys[0]->type, "string");
	assert_int_equal(events->n_partitions, 2);
	assert_string_equal(events->partitions[1]->values[0], "2");
	assert_string_equal(events->partitions[1]->storage->location,
		arena_printf(arena, "%s/events/dt=2", root));
	assert_string_equal(
		events->table->storage->serde->library, "org.openx.data.jsonserde.JsonSerDe");
	assert_string_equal(events->table->storage->serde->parameters[0]->value, "a,b,c");
	assert_string_equal(parameter(events->table, "objectCount"), "2");
	assert_string_equal(parameter(events->table, "recordCount"), "20");
	assert_string_equal(parameter(events->table, "partition_filtering.enabled"), "true");
	assert_int_equal(events->summary->row_count, 20);
	assert_int_equal(events->summary->bad_records, 2);
	assert_int_equal(events->summary->n_bad, 2);
	assert_int_equal(events->n_files, 2);
	/* The ledger keeps what is exact. */
	assert_string_equal(events->files[1]->inferred->columns[2]->type, "bigint53");
	assert_string_equal(events->files[1]->table, "db.events");
	/* Samples are clean text, cut between characters. */
	assert_string_equal(events->summary->evidence[0]->types[0]->sample, "gr\xC3\xB6");
	assert_string_equal(events->summary->bad[0]->sample, "x?y");

	const Tenon__V1__Table *people = plan->tables[1]->table;
	assert_string_equal(columns(arena, people), "a:bigint,b:string,na:string");
	static const struct {
		const char *key, *value;
	} dialect[] = {
		{"classification", "csv"},
		{"delimiter", ";"},
		{"quoteChar", "\""},
		{"escapeChar", ""},
		{"skip.header.line.count", "3"},
		{"header", ""},
		{"areColumnsQuoted", "true"},
		{"encoding", "latin-1"},
		{"nullText", "NA"},
		{"jsonArray", ""},
	};
	for (size_t i = 0; i < sizeof dialect / sizeof *dialect; i++)
		assert_string_equal(parameter(people, dialect[i].key), dialect[i].value);
}

static void evidence_is_summed_and_the_first_file_is_named(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a.json", "json a:int");
	put("b.json", "json a:double");
	put("c.json", "json a:double");
	Tenon__V1__ApplyCrawlRequest *plan = crawl_again(arena, NULL, 3);
	const Tenon__V1__Table *table = plan->tables[0]->table;
	assert_int_equal(table->n_evidence, 1);
	const Tenon__V1__ColumnEvidence *seen = table->evidence[0];
	assert_int_equal(seen->values, 27);
	assert_int_equal(seen->nulls, 3);
	assert_int_equal(seen->n_types, 2);
	assert_string_equal(seen->types[1]->type, "double");
	assert_int_equal(seen->types[1]->values, 18);
	assert_string_equal(seen->types[1]->file, arena_printf(arena, "%s/b.json", root));
}

static void a_bad_object_fails_alone(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("good/a.json", "json a:int");
	put("good/b.json", "corrupt");
	put("odd/x.bin", "unknown");
	put("odd/empty.csv", "");
	Tenon__V1__ApplyCrawlRequest *plan = crawl_again(arena, NULL, 2);
	assert_int_equal(plan->n_tables, 1);
	assert_string_equal(plan->tables[0]->table->name, "good");
	assert_int_equal(plan->n_loose, 2);
	assert_int_equal(plan->result->n_failed, 2);
	assert_string_equal(plan->result->failed[0]->outcome, "corrupt");
	assert_string_equal(plan->result->failed[0]->error, "gzip data ends at byte 7");
	assert_string_equal(plan->result->failed[1]->outcome, "unknown");
	assert_non_null(strstr(plan->result->failed[1]->error, "text/x-odd"));
	assert_int_equal(plan->result->objects_listed, 3);
	assert_int_equal(plan->result->objects_opened, 3);
	assert_int_equal(plan->result->objects_skipped, 1);
}

static void what_has_not_changed_is_not_opened_again(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a/dt=1/x.json", "json a:int");
	put("a/dt=2/x.json", "json a:int");
	put("b/x.json", "json z:int");
	put("c/x.bin", "unknown");
	Tenon__V1__ApplyCrawlRequest *first = crawl_again(arena, NULL, 2);
	assert_int_equal(opened, 4);
	Tenon__V1__ApplyCrawlRequest *again = crawl_again(arena, first, 2);
	assert_int_equal(opened, 4);
	assert_int_equal(again->result->objects_opened, 0);
	assert_int_equal(again->n_loose, 0);
	assert_int_equal(again->result->n_failed, 1); /* still shown */
	assert_true(again->tables[0]->unchanged && again->tables[1]->unchanged);
	assert_int_equal(again->tables[0]->n_files, 0);
	assert_string_equal(columns(arena, again->tables[0]->table), "a:int");

	put("a/dt=3/x.json", "json a:double");
	Tenon__V1__ApplyCrawlRequest *third = crawl_again(arena, first, 2);
	assert_int_equal(opened, 5);
	assert_false(third->tables[0]->unchanged);
	assert_true(third->tables[1]->unchanged);
	assert_int_equal(third->tables[0]->n_files, 1);
	assert_int_equal(third->tables[0]->n_partitions, 3);
	assert_int_equal(third->tables[0]->summary->objects_opened, 1);
	assert_string_equal(columns(arena, third->tables[0]->table), "a:double");
}

static void an_object_that_is_gone_is_named_and_changes_its_table(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a/x.json", "json a:int");
	put("a/y.json", "json a:int");
	put("b/x.json", "json z:int");
	Tenon__V1__ApplyCrawlRequest *first = crawl_again(arena, NULL, 1);
	char *path = arena_printf(arena, "%s/a/y.json", root);
	assert_int_equal(unlink(path), 0);
	Tenon__V1__ApplyCrawlRequest *again = crawl_again(arena, first, 1);
	assert_int_equal(again->n_gone, 1);
	assert_string_equal(again->gone[0], path);
	assert_false(again->tables[0]->unchanged);
	assert_true(again->tables[1]->unchanged);
	assert_int_equal(again->tables[0]->summary->objects, 1);
}

/* Byte for byte, but for the time it took. */
static void threads_never_show(void **state)
{
	(void)state;
	static const char *const contents[] = {"json a:int,b:string", "json a:double,c:int",
		"csv a:int", "corrupt", "json a:string,b:string", "unknown"};
	char name[64];
	for (int i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof name, "t%d/k=%d/f%d", i % 3, i % 7, i);
		put(name, contents[i % 6]);
	}
	OWNED(arena) arena = arena_new();
	Tenon__V1__ApplyCrawlRequest *one = crawl_again(arena, NULL, 1);
	one->result->seconds = 0;
	size_t size = tenon__v1__apply_crawl_request__get_packed_size(one);
	uint8_t *bytes = arena_alloc(arena, size);
	(void)tenon__v1__apply_crawl_request__pack(one, bytes);
	for (unsigned threads = 2; threads <= 8; threads++) {
		OWNED(arena) other = arena_new();
		Tenon__V1__ApplyCrawlRequest *many = crawl_again(other, NULL, threads);
		many->result->seconds = 0;
		assert_int_equal(tenon__v1__apply_crawl_request__get_packed_size(many), size);
		uint8_t *again = arena_alloc(other, size);
		(void)tenon__v1__apply_crawl_request__pack(many, again);
		assert_memory_equal(again, bytes, size);
	}
}

static bool stop_at_once(void *state, const Tenon__V1__Progress *progress)
{
	unsigned *reports = state;
	assert_string_equal(progress->phase, *reports ? "inferring" : "listing");
	return ++*reports < 3;
}

static void a_crawl_stops_when_it_is_told(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a.json", "slow");
	struct error err;
	unsigned reports = 0;
	struct crawl_progress progress = {stop_at_once, &reports};
	Tenon__V1__CrawlTask task = TENON__V1__CRAWL_TASK__INIT;
	Tenon__V1__ApplyCrawlRequest *plan = NULL;
	task.path = root;
	assert_int_equal(crawl(&task, NULL, 0, &progress, arena, &plan, &err), STATUS_CANCELLED);
	assert_null(plan);
}

static void bad_options_are_refused_before_anything_is_read(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a.json", "json a:int");
	struct error err;
	Tenon__V1__CrawlOptions options = TENON__V1__CRAWL_OPTIONS__INIT;
	Tenon__V1__CrawlTask task = TENON__V1__CRAWL_TASK__INIT;
	Tenon__V1__ApplyCrawlRequest *plan = NULL;
	char policy[] = "maybe";
	char glob[] = "[x";
	char *globs[] = {glob};
	task.path = root;
	task.options = &options;
	options.choice_policy = policy;
	assert_int_equal(crawl(&task, NULL, 0, NULL, arena, &plan, &err), STATUS_INVALID_ARGUMENT);
	assert_non_null(strstr(err.message, "'maybe'"));
	policy[0] = 0;
	options.exclusions = globs;
	options.n_exclusions = 1;
	assert_int_equal(crawl(&task, NULL, 0, NULL, arena, &plan, &err), STATUS_INVALID_ARGUMENT);
	char nowhere[] = "/nowhere/at/all";
	options.n_exclusions = 0;
	task.path = nowhere;
	assert_int_equal(crawl(&task, NULL, 0, NULL, arena, &plan, &err), STATUS_NOT_FOUND);
	assert_int_equal(opened, 0);
}

static void excluded_objects_are_not_opened(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a.json", "json a:int");
	put("old/b.json", "json b:int");
	struct error err;
	Tenon__V1__CrawlOptions options = TENON__V1__CRAWL_OPTIONS__INIT;
	Tenon__V1__CrawlTask task = TENON__V1__CRAWL_TASK__INIT;
	Tenon__V1__ApplyCrawlRequest *plan = NULL;
	char glob[] = "old/**";
	char *globs[] = {glob};
	task.path = root;
	task.options = &options;
	options.exclusions = globs;
	options.n_exclusions = 1;
	assert_ok(crawl(&task, NULL, 0, NULL, arena, &plan, &err), &err);
	assert_int_equal(opened, 1);
	assert_int_equal(plan->n_tables, 1);
	assert_int_equal(plan->result->objects_skipped, 1);
	assert_string_equal(parameter(plan->tables[0]->table, "exclusions"),
		arena_printf(arena, "[\"%s/old/**\"]", root));
}

static void names_that_no_catalog_takes_are_left_out(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a.json", "json a:int,``:int,`b\tc`:int,`d\x01`:int");
	Tenon__V1__ApplyCrawlRequest *plan = crawl_again(arena, NULL, 1);
	assert_string_equal(columns(arena, plan->tables[0]->table), "a:int,b\tc:int");
	assert_non_null(strstr(plan->tables[0]->summary->error, "2 columns are left out"));
}

static void a_file_name_that_is_not_utf8_fails_alone(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("a.json", "json a:int");
	put("b\xff.json", "json a:int");
	Tenon__V1__ApplyCrawlRequest *plan = crawl_again(arena, NULL, 1);
	assert_int_equal(plan->n_tables, 1);
	assert_int_equal(plan->n_loose, 0);
	assert_int_equal(plan->result->n_failed, 1);
	assert_non_null(strstr(plan->result->failed[0]->path, "b?.json"));
	assert_non_null(strstr(plan->result->failed[0]->error, "rename"));
}

static void a_target_may_be_one_object(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("dt=1/a.json", "json a:int");
	put("dt=1/b.json", "json b:int");
	struct error err;
	Tenon__V1__InferResponse *response = NULL;
	char *path = arena_printf(arena, "%s/dt=1/a.json", root);
	assert_ok(infer_path(text_of(path), false, 1, NULL, arena, &response, &err), &err);
	assert_int_equal(response->n_results, 1);
	assert_string_equal(response->results[0]->path, path);
	assert_int_equal(response->results[0]->n_partition_keys, 0);
	assert_string_equal(response->results[0]->evidence[0]->types[0]->file, path);
}

static void inferring_answers_per_table_or_per_object(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	put("dt=1/a.json", "json a:int");
	put("dt=2/b.json", "json a:double");
	put("dt=2/c.json", "corrupt");
	struct error err;
	Tenon__V1__InferResponse *response = NULL;
	assert_ok(infer_path(text_of(root), false, 2, NULL, arena, &response, &err), &err);
	assert_int_equal(response->n_results, 2);
	assert_string_equal(response->results[0]->outcome, "ok");
	assert_string_equal(response->results[0]->columns[0]->type, "double");
	assert_string_equal(response->results[0]->partition_keys[0]->name, "dt");
	assert_int_equal(response->results[0]->partitions, 2);
	assert_string_equal(response->results[1]->outcome, "corrupt");
	assert_ok(infer_path(text_of(root), true, 2, NULL, arena, &response, &err), &err);
	assert_int_equal(response->n_results, 3);
	assert_string_equal(response->results[0]->columns[0]->type, "int");
}

int main(void)
{
#define IN_A_LAKE(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)
	const struct CMUnitTest tests[] = {
		IN_A_LAKE(a_plan_describes_tables_as_hive_does),
		IN_A_LAKE(evidence_is_summed_and_the_first_file_is_named),
		IN_A_LAKE(a_bad_object_fails_alone),
		IN_A_LAKE(what_has_not_changed_is_not_opened_again),
		IN_A_LAKE(an_object_that_is_gone_is_named_and_changes_its_table),
		IN_A_LAKE(threads_never_show),
		IN_A_LAKE(a_crawl_stops_when_it_is_told),
		IN_A_LAKE(bad_options_are_refused_before_anything_is_read),
		IN_A_LAKE(excluded_objects_are_not_opened),
		IN_A_LAKE(names_that_no_catalog_takes_are_left_out),
		IN_A_LAKE(a_file_name_that_is_not_utf8_fails_alone),
		IN_A_LAKE(a_target_may_be_one_object),
		IN_A_LAKE(inferring_answers_per_table_or_per_object),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

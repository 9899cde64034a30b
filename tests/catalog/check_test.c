#include "tests/catalog/fixture.h"

#include "catalog/check.h"
#include "catalog/key.h"
#include "catalog/search_fresh.h"
#include "catalog/store.h"

struct found {
	struct check_problem problems[16];
	size_t count;
};

static void keep(void *state, const struct check_problem *problem)
{
	struct found *found = state;
	assert_true(found->count < 16);
	found->problems[found->count++] = *problem;
}

static struct found check(struct fixture *f)
{
	struct found found = {.count = 0};
	struct check_sink sink = {.problem = keep, .state = &found};
	uint64_t records = 0;
	assert_ok(catalog_check(f->catalog, &sink, &records, &f->err), &f->err);
	assert_true(records > 0);
	return found;
}

static enum status merge(struct catalog_txn *txn, void *state, struct error *err)
{
	(void)state;
	return fresh_merge(txn, err);
}

static void fill(struct fixture *f)
{
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	char id[26];
	fixture_open(f, 0);
	assert_ok(make_database(f, "d"), &f->err);
	assert_ok(make_table(f, "d", "t", "a int | k int"), &f->err);
	assert_ok(make_partition(f, "d", "t", (const char *const[]){"1"}, 1), &f->err);
	assert_ok(make_partition(f, "d", "t", (const char *const[]){"2"}, 1), &f->err);
	job.name = arena_text(f->arena, TEXT("j"));
	MUST(f, .what = TASK_JOB_PUT, .message = &job);
	run_id_new(id);
	run.id = id;
	run.job = job.name;
	run.state = TENON__V1__RUN_STATE__RUN_STATE_QUEUED;
	record.run = &run;
	MUST(f, .what = TASK_RUN_PUT, .message = &record);
	assert_ok(catalog_write_now(f->catalog, merge, NULL, &f->err), &f->err);
}

/* The first record of a database: deleted, or its value (NULL: none) put in place. */
struct damage {
	enum db db;
	const char *value;
	size_t length;
	const char *add; /* a key to put as well */
	size_t add_length;
};

static enum status damage_apply(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct damage *damage = state;
	bool found;
	struct text key;
	struct text value;
	if (damage->add)
		return store_put(txn, damage->db, (struct text){damage->add, damage->add_length},
			(struct text){damage->value, damage->length}, err);
	OWNED(arena) arena = arena_new();
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, damage->db, TEXT(""), TEXT(""), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	assert_true(found);
	key = arena_copy(arena, key);
	scan_free(TAKE(scan));
	if (!damage->value)
		return store_delete(txn, damage->db, key, &found, err);
	return store_put(txn, damage->db, key, (struct text){damage->value, damage->length}, err);
}

static void a_whole_catalog_has_no_problems(void **state)
{
	(void)state;
	struct fixture f;
	fill(&f);
	struct found found = check(&f);
	if (found.count)
		fail_msg("%s: %s: %s", found.problems[0].invariant, found.problems[0].place,
			found.problems[0].message);
	fixture_close(&f);
}

static void each_damage_is_named(void **state)
{
	(void)state;
#define BYTES(text) text, sizeof(text) - 1
	static const struct {
		const char *label;
		struct damage damage;
		const char *invariant;
		const char *place;
	} rows[] = {
		{"a record that does not unpack", {DB_TABLES, BYTES("\xff\xff"), NULL, 0},
			"records", ""},
		{"a feed record that does not unpack", {DB_FEED, BYTES("\xff"), NULL, 0}, "records",
			""},
		{"a table without its name", {DB_TABLES_BY_NAME, NULL, 0, NULL, 0},
			"tables-by-name", "d.t"},
		{"a name of another table",
			{DB_TABLES_BY_NAME, BYTES("\0\0\0\0\0\0\0\1"), BYTES("d\0other")},
			"tables-by-name", "d.other"},
		{"a name of no table",
			{DB_TABLES_BY_NAME, BYTES("\0\0\0\0\0\0\0\7"), BYTES("d\0gone")},
			"tables-by-name", "d.gone"},
		{"a name in no database",
			{DB_TABLES_BY_NAME, BYTES("\0\0\0\0\0\0\0\1"), BYTES("e\0t")},
			"tables-by-name", "e.t"},
		{"a table without its location", {DB_TABLES_BY_LOCATION, NULL, 0, NULL, 0},
			"tables-by-location", "d.t"},
		{"a location of no table",
			{DB_TABLES_BY_LOCATION, BYTES(""), BYTES("d\0/x\0\0\0\0\0\0\0\0\7")},
			"tables-by-location", "d at /x"},
		{"a location where its table is not",
			{DB_TABLES_BY_LOCATION, BYTES(""), BYTES("d\0/x\0\0\0\0\0\0\0\0\1")},
			"tables-by-location", "d at /x"},
		{"a table that is not counted",
			{DB_TABLES_BY_NAME, BYTES("\0\0\0\0\0\0\0\1"), BYTES("d\0u")},
			"table-count", "d"},
		{"a partition that is lost", {DB_PARTITIONS, NULL, 0, NULL, 0}, "partition-count",
			"d.t"},
		{"a version that is lost", {DB_VERSIONS, NULL, 0, NULL, 0}, "current-version",
			"d.t"},
		{"a version newer than the table",
			{DB_VERSIONS, BYTES(""), BYTES("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\11")},
			"current-version", "d.t"},
		{"a version of no table",
			{DB_VERSIONS, BYTES(""), BYTES("\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\1")},
			"orphan-versions", ""},
		{"a partition of no table", {DB_PARTITIONS, BYTES(""), BYTES("\0\0\0\0\0\0\0\7x")},
			"orphan-partitions", ""},
		{"statistics of no table", {DB_STATISTICS, BYTES(""), BYTES("\0\0\0\0\0\0\0\7\0a")},
			"orphan-statistics", ""},
		{"tags of no table", {DB_TAGS, BYTES(""), BYTES("table\0\0\0\0\0\0\0\0\7")},
			"orphan-tags", ""},
		{"a word that is lost", {DB_SEARCH, NULL, 0, NULL, 0}, "search", "d.t"},
		{"a word in fields where it is not", {DB_SEARCH, BYTES("\0\7"), NULL, 0}, "search",
			"d.t"},
		{"a word of no table", {DB_SEARCH, BYTES("\0\1"), BYTES("w\0\0\0\0\0\0\0\0\7")},
			"search", "word/w"},
		{"a word that its table does not have",
			{DB_SEARCH, BYTES("\0\1"), BYTES("w\0\0\0\0\0\0\0\0\1")}, "search",
			"the search index"},
		{"a record of words that reaches into another",
			{DB_SEARCH, BYTES("\0\1\5\1"), BYTES("a\0\0\0\0\0\0\0\0\0")}, "search",
			"word/a"},
		{"a record of words that is none", {DB_SEARCH, BYTES("\7\7"), NULL, 0}, "search",
			"word/"},
		{"a word that goes though it never was there",
			{DB_SEARCH_FRESH, BYTES("\x80\1\0\0\0\1w"), BYTES("\0\0\0\0\0\0\0\1")},
			"search", "word/w"},
		{"a fresh word of no table",
			{DB_SEARCH_FRESH, BYTES("\0\0\x80\1\0\1w"), BYTES("\0\0\0\0\0\0\0\7")},
			"search", "the search index"},
		{"a fresh word that is cut short",
			{DB_SEARCH_FRESH, BYTES("\0\0\x80\1\0\2w"), BYTES("\0\0\0\0\0\0\0\7")},
			"search", "table 7"},
		{"a change that is missing", {DB_FEED, BYTES(""), BYTES("\0\0\0\0\0\0\0\77")},
			"feed-sequence", "change 63"},
		{"a counter behind its feed", {DB_META, BYTES("\0\0\0\0\0\0\0\1"), BYTES("feed")},
			"feed-sequence", "change "},
		{"a table at a version that the feed does not know",
			{DB_FEED, BYTES("\x28\1\x30\3"), BYTES("\0\0\0\0\0\0\0\2")},
			"feed-versions", "d.t"},
		{"a webhook told of what was never made",
			{DB_WEBHOOKS, BYTES("\x0a\x06\x0a\1w\xa0\1c"), BYTES("w")}, "webhooks",
			"webhook/w"},
		{"a webhook under another name",
			{DB_WEBHOOKS, BYTES("\x0a\x03\x0a\1w"), BYTES("x")}, "webhooks",
			"webhook/x"},
		{"a difference from a version that is not there",
			{DB_VERSIONS, BYTES("\x0a\x02\x08\x09\x1a\x01\0\x20\x05"),
				BYTES("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\11")},
			"version-differences", "table 1 version 9"},
		{"a hidden version that nobody needs",
			{DB_VERSIONS, BYTES("\x12\x01x\x30\x01"),
				BYTES("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\11")},
			"version-differences", "table 1 version 9"},
		{"a pin of no version",
			{DB_PINS, BYTES(""), BYTES("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\11")},
			"pinned-versions", "table 1 version 9"},
		{"a pin of no table",
			{DB_PINS, BYTES(""), BYTES("\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\0")},
			"orphan-pins", "a record"},
		{"a retention of no table", {DB_RETENTION, BYTES(""), BYTES("\0\0\0\0\0\0\0\7")},
			"orphan-retention", "a retention"},
		{"a drop that has no record", {DB_DROPPED, BYTES(""), BYTES("q\0\0\0\0\0\0\0\7")},
			"dropped", "drop 7"},
		{"a drop of nothing",
			{DB_DROPPED, BYTES("\x08\x07"), BYTES("r\xff\xff\xff\xff\xff\xff\xff\xf8")},
			"dropped", "drop 7"},
		{"a drop with a key of another kind", {DB_DROPPED, BYTES(""), BYTES("?")},
			"dropped", "a drop"},
		{"a job without its id", {DB_JOBS_BY_ID, NULL, 0, NULL, 0}, "jobs-by-id", "job/j"},
		{"an id without its job", {DB_JOBS, NULL, 0, NULL, 0}, "jobs-by-id", "job/j"},
		{"a run that its job does not know", {DB_RUNS_BY_JOB, NULL, 0, NULL, 0},
			"runs-by-job", "run/"},
		{"a run that is lost", {DB_RUNS, NULL, 0, NULL, 0}, "runs-by-job", "job/j"},
		{"a run under way that nobody would take up", {DB_RUNS_OPEN, NULL, 0, NULL, 0},
			"runs-open", "run/"},
		{"a number of tables that was given",
			{DB_META, BYTES("\0\0\0\0\0\0\0\1"), BYTES("table")}, "numbers",
			"counter 'table'"},
		{"a number of drops that was given",
			{DB_DROPPED, BYTES("\0\0\0\0\0\0\0\7"), BYTES("q\0\0\0\0\0\0\0\7")},
			"numbers", "counter 'drop'"},
		{"a number of jobs that was given",
			{DB_META, BYTES("\0\0\0\0\0\0\0\1"), BYTES("job")}, "numbers",
			"counter 'job'"},
		{"a number of webhooks that was never given",
			{DB_WEBHOOKS, BYTES("\x0a\x03\x0a\1w\x10\x07"), BYTES("w")}, "webhooks",
			"webhook/w"},
		{"a grant of another", {DB_GRANTS, BYTES("\x0a\6\x0a\1a\x12\1d"), BYTES("b\0d\0*")},
			"grants", "grant/a/d.*"},
		{"a grant on a pattern that is none",
			{DB_GRANTS, BYTES("\x0a\x8\x0a\1a\x12\3d*d"), BYTES("a\0d*d\0*")}, "grants",
			"grant/a/d*d.*"},
		{"a token without its hash", {DB_TOKENS, BYTES("\x0a\4\x0a\2zz"), BYTES("x")},
			"tokens-by-id", "a token"},
		{"an audit entry of another number", {DB_AUDIT, BYTES("\x0a\2\x8\1"), BYTES("9")},
			"audit-numbers", "audit/1"},
		{"an open run that is lost", {DB_RUNS, NULL, 0, NULL, 0}, "runs-open", "run/"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture f;
		struct damage damage = rows[i].damage;
		bool named = false;
		fill(&f);
		assert_ok(catalog_write_now(f.catalog, damage_apply, &damage, &f.err), &f.err);
		struct found found = check(&f);
		for (size_t k = 0; k < found.count; k++)
			named = named ||
				(strcmp(found.problems[k].invariant, rows[i].invariant) == 0 &&
					text_starts(text_of(found.problems[k].place),
						text_of(rows[i].place)));
		if (!named)
			fail_msg("%s: %zu problems, none of '%s' at '%s'", rows[i].label,
				found.count, rows[i].invariant, rows[i].place);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_catalog_has_no_problems),
		cmocka_unit_test(each_damage_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "crawler/crawl.h"
#include "crawler/entry.h"
#include "crawler/serde.h"
#include "etl/dialect.h"
#include "tests/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* What a crawl writes of a dialect is what a job reads of it. The two rooms do not
 * know each other; they meet here. */

static const char *said(struct arena *arena, const Tenon__V1__Dialect *d)
{
	return arena_printf(arena,
		"delimiter '%s' quote '%s' escape '%s' comment '%s' header %d skip %u encoding "
		"'%s' null '%s' array %d",
		d->delimiter, d->quote, d->escape, d->comment, d->header, d->skip,
		*d->encoding ? d->encoding : "utf-8", d->null_text, d->array);
}

static void check(struct arena *arena, const char *label, const Tenon__V1__Table *table,
	const Tenon__V1__Dialect *inferred)
{
	struct error err;
	struct dialect dialect;
	assert_ok(dialect_of(arena, table, NULL, &dialect, &err), &err);
	assert_true(dialect.known);
	const char *wrote = said(arena, inferred);
	const char *read = said(arena, dialect_message(arena, &dialect));
	if (strcmp(wrote, read) != 0)
		fail_msg("%s: inferred %s, read as %s", label, wrote, read);
}

static Tenon__V1__Table *table_with(struct arena *arena, const struct parameters *parameters)
{
	Tenon__V1__Table *table = arena_alloc(arena, sizeof *table);
	tenon__v1__table__init(table);
	table->parameters = arena_array(arena, parameters->count, sizeof *table->parameters);
	for (size_t i = 0; i < parameters->count; i++) {
		Tenon__V1__Table__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
		tenon__v1__table__parameters_entry__init(entry);
		entry->key = arena_text(arena, text_of(parameters->at[i].key));
		entry->value = arena_text(arena, text_of(parameters->at[i].value));
		table->parameters[table->n_parameters++] = entry;
	}
	return table;
}

static void check_csv(const struct dialect *dialect)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Inferred summary = TENON__V1__INFERRED__INIT;
	char csv[] = "csv";
	struct parameters parameters = {0};
	summary.classification = csv;
	summary.dialect = dialect_message(arena, dialect);
	dialect_parameters(arena, &summary, &parameters);
	check(arena, "csv", table_with(arena, &parameters), summary.dialect);
}

static void every_csv_dialect_comes_back(void **state)
{
	(void)state;
	static const char delimiters[] = {',', '\t', '|', ';', ':', ' ', '^', '\1'};
	static const char quotes[] = {0, '"', '\''};
	static const char escapes[] = {0, '\\'};
	static const char comments[] = {0, '#'};
	static const char *const encodings[] = {"utf-8", "utf-16le", "utf-16be", "latin-1"};
	static const char *const nulls[] = {NULL, "NA", "\\N"};
	unsigned count = 0;
	for (unsigned n = 0; n < 8 * 3 * 2 * 2 * 4 * 3 * 2 * 3; n++) {
		unsigned rest = n;
#define PICK(from) \
	(from)[rest % (sizeof(from) / sizeof *(from))], rest /= sizeof(from) / sizeof *(from)
		struct dialect dialect = {.known = true};
		dialect.delimiter = PICK(delimiters);
		dialect.quote = PICK(quotes);
		dialect.escape = PICK(escapes);
		dialect.comment = PICK(comments);
		dialect.encoding = PICK(encodings);
		dialect.null_text = PICK(nulls);
#undef PICK
		dialect.header = rest % 2;
		dialect.skip = rest / 2 % 3;
		check_csv(&dialect);
		count++;
	}
	assert_int_equal(count, 6912);
}

/* Tables that were checked. */
static unsigned check_crawl(const char *folder)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	Tenon__V1__CrawlTask task = TENON__V1__CRAWL_TASK__INIT;
	Tenon__V1__CrawlOptions options = TENON__V1__CRAWL_OPTIONS__INIT;
	char database[] = "d";
	task.path = realpath(folder, NULL);
	assert_non_null(task.path);
	task.database = database;
	task.options = &options;
	task.threads = 1;
	Tenon__V1__ApplyCrawlRequest *plan = NULL;
	assert_ok(crawl(&task, NULL, 0, NULL, arena, &plan, &err), &err);
	free(task.path);
	unsigned checked = 0;
	for (size_t i = 0; i < plan->n_tables; i++) {
		const Tenon__V1__Inferred *summary = plan->tables[i]->summary;
		bool text = strcmp(summary->classification, "csv") == 0 ||
			    strcmp(summary->classification, "json") == 0;
		if (!text || !summary->dialect)
			continue;
		Tenon__V1__Dialect dialect = *summary->dialect;
		char csv_only[][2] = {",", "\""};
		if (strcmp(summary->classification, "json") == 0) { /* what json has none of */
			dialect.delimiter = csv_only[0];
			dialect.quote = csv_only[1];
		}
		check(arena, plan->tables[i]->table->name, plan->tables[i]->table, &dialect);
		checked++;
	}
	return checked;
}

static unsigned check_folders(const char *root, const char *below)
{
	unsigned checked = 0;
	DIR *folders = opendir(root);
	assert_non_null(folders);
	for (struct dirent *entry; (entry = readdir(folders));) { // NOLINT(concurrency-mt-unsafe)
		char path[1024];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s%s", root, entry->d_name, below);
		checked += check_crawl(path);
	}
	closedir(folders);
	return checked;
}

static void the_case_folders_dialects_come_back(void **state)
{
	(void)state;
	assert_true(check_folders("tests/cases/crawl", "/input") > 10);
}

static void the_lakes_dialects_come_back(void **state)
{
	(void)state;
	const char *lake = lake_folder();
	char root[1024];
	if (!lake) {
		print_message("no lake of real data: skipped\n");
		skip();
	}
	snprintf(root, sizeof root, "%s/formats", lake);
	assert_true(check_folders(root, "") > 15);
	snprintf(root, sizeof root, "%s/public", lake);
	assert_true(check_folders(root, "") > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_csv_dialect_comes_back),
		cmocka_unit_test(the_case_folders_dialects_come_back),
		cmocka_unit_test(the_lakes_dialects_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

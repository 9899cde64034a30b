#include "base/buffer.h"
#include "crawler/crawl.h"
#include "storage/store.h"
#include "tests/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* tests/cases/crawl/<case>/: input/ is crawled, expected.txt is what must come out,
 * `options` (may be absent) holds CrawlOptions, one per line. UPDATE=1 rewrites the
 * expectations: review them as a diff. */
#define CASES "tests/cases/crawl"

struct case_run {
	struct arena *arena;
	struct buffer out;
	struct text root; /* of the input: left out of what is printed */
	Tenon__V1__CrawlOptions options;
};

static struct text read_file(struct arena *arena, const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return (struct text){"", 0};
	char *bytes = arena_alloc(arena, 1 << 20);
	size_t length = fread(bytes, 1, 1 << 20, file);
	(void)fclose(file);
	return (struct text){bytes, length};
}

static void read_option(struct case_run *run, struct text line)
{
	Tenon__V1__CrawlOptions *options = &run->options;
	size_t space = text_find(line, ' ');
	struct text word = text_until(line, space);
	char *value = arena_text(run->arena, text_from(line, space + 1));
	if (text_equal(word, TEXT("combine")))
		options->combine_compatible = true;
	else if (text_equal(word, TEXT("policy")))
		options->choice_policy = value;
	else if (text_equal(word, TEXT("prefix")))
		options->table_prefix = value;
	else if (text_equal(word, TEXT("exclude")))
		options->exclusions[options->n_exclusions++] = value;
	else if (text_equal(word, TEXT("level"))) { /* "level +1": one below the input */
		size_t depth = (size_t)strtol(value, NULL, 10);
		for (size_t i = 0; i < run->root.length; i++)
			depth += run->root.at[i] == '/';
		options->table_level = (uint32_t)depth;
	} else if (line.length)
		fail_msg("unknown option '%.*s'", TEXT_ARG(line));
}

static void read_options(struct case_run *run, const char *path)
{
	struct text rest = read_file(run->arena, path);
	struct text line;
	bool more = true;
	run->options = (Tenon__V1__CrawlOptions)TENON__V1__CRAWL_OPTIONS__INIT;
	run->options.exclusions = arena_array(run->arena, 8, sizeof(char *));
	while (text_split(&rest, &more, '\n', &line))
		read_option(run, line);
}

/* Our own texts, without the folder where the test happens to run. */
static const char *short_path(const struct case_run *run, const char *path)
{
	struct text text = text_of(path);
	if (!text_starts(text, run->root))
		return path;
	const char *rest = path + run->root.length;
	return *rest == '/' ? rest + 1 : ".";
}

static void print_dialect(struct case_run *run, const Tenon__V1__Dialect *dialect)
{
	if (!*dialect->delimiter && !dialect->array)
		return;
	buffer_printf(&run->out, "  dialect");
	if (*dialect->delimiter)
		buffer_printf(&run->out, " delimiter '%s' header %s skip %u", dialect->delimiter,
			dialect->header ? "yes" : "no", dialect->skip);
	if (*dialect->null_text)
		buffer_printf(&run->out, " null '%s'", dialect->null_text);
	buffer_printf(&run->out, "%s\n", dialect->array ? " array" : "");
}

/* A name's hash is of the absolute location, which differs from place to place. */
static const char *short_name(const struct case_run *run, const char *name)
{
	size_t length = strlen(name);
	size_t hex = strspn(length > 33 ? name + length - 32 : "", "0123456789abcdef");
	return hex == 32 ? arena_printf(run->arena, "%.*sHASH", (int)length - 32, name) : name;
}

static void print_table(struct case_run *run, const Tenon__V1__CrawlTable *planned)
{
	const Tenon__V1__Inferred *summary = planned->summary;
	buffer_printf(&run->out, "table %s at %s\n", short_name(run, planned->table->name),
		short_path(run, planned->table->storage->location));
	buffer_printf(&run->out, "  %s, %s, %llu objects, %llu rows, %llu bad, similarity %.2f\n",
		summary->classification, summary->compression, (unsigned long long)summary->objects,
		(unsigned long long)summary->row_count, (unsigned long long)summary->bad_records,
		summary->similarity);
	print_dialect(run, summary->dialect);
	for (size_t i = 0; i < planned->table->storage->n_columns; i++)
		buffer_printf(&run->out, "  %s %s\n", planned->table->storage->columns[i]->name,
			planned->table->storage->columns[i]->type);
	for (size_t i = 0; i < planned->table->n_partition_keys; i++)
		buffer_printf(&run->out, "  by %s %s\n", planned->table->partition_keys[i]->name,
			planned->table->partition_keys[i]->type);
	for (size_t i = 0; i < planned->n_partitions; i++) {
		buffer_printf(&run->out, "  partition");
		for (size_t k = 0; k < planned->partitions[i]->n_values; k++)
			buffer_printf(&run->out, " '%s'", planned->partitions[i]->values[k]);
		buffer_printf(&run->out, " at %s\n",
			short_path(run, planned->partitions[i]->storage->location));
	}
	for (size_t i = 0; i < summary->n_bad; i++)
		buffer_printf(&run->out, "  bad record %s:%llu %s\n",
			short_path(run, summary->bad[i]->file),
			(unsigned long long)summary->bad[i]->byte, summary->bad[i]->reason);
}

static void print_plan(struct case_run *run, const Tenon__V1__ApplyCrawlRequest *plan)
{
	for (size_t i = 0; i < plan->n_tables; i++)
		print_table(run, plan->tables[i]);
	for (size_t i = 0; i < plan->result->n_failed; i++) {
		const Tenon__V1__Inferred *failed = plan->result->failed[i];
		buffer_printf(&run->out, "%s %s: %s\n", failed->outcome,
			short_path(run, failed->path), failed->error);
	}
	buffer_printf(&run->out, "%llu listed, %llu skipped\n",
		(unsigned long long)plan->result->objects_listed,
		(unsigned long long)plan->result->objects_skipped);
}

static void compare(struct case_run *run, const char *name)
{
	const char *path = arena_printf(run->arena, CASES "/%s/expected.txt", name);
	if (getenv("UPDATE")) {
		FILE *file = fopen(path, "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(run->out.at, 1, run->out.length, file), run->out.length);
		assert_int_equal(fclose(file), 0);
		return;
	}
	struct text expected = read_file(run->arena, path);
	if (!text_equal(expected, buffer_text(&run->out)))
		fail_msg("case %s: got\n%.*s\nexpected\n%.*s", name,
			TEXT_ARG(buffer_text(&run->out)), TEXT_ARG(expected));
}

static void run_case(const char *name)
{
	OWNED(arena) arena = arena_new();
	struct error err;
	struct case_run run = {.arena = arena};
	struct text input = text_of(arena_printf(arena, CASES "/%s/input", name));
	assert_ok(location_normal(arena, input, &run.root, &err), &err);
	read_options(&run, arena_printf(arena, CASES "/%s/options", name));
	char database[] = "db";
	Tenon__V1__CrawlTask task = TENON__V1__CRAWL_TASK__INIT;
	task.path = arena_text(arena, input);
	task.database = database;
	task.options = &run.options;
	task.threads = 2;
	Tenon__V1__ApplyCrawlRequest *plan = NULL;
	assert_ok(crawl(&task, NULL, 0, NULL, arena, &plan, &err), &err);
	buffer_init(&run.out, 1 << 20);
	print_plan(&run, plan);
	compare(&run, name);
	buffer_done(&run.out);
}

static void every_case_comes_out_as_expected(void **state)
{
	(void)state;
	struct dirent **names = NULL;
	int count = scandir(CASES, &names, NULL, alphasort);
	int run = 0;
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			run_case(names[i]->d_name);
			run++;
		}
		free(names[i]);
	}
	free(names);
	assert_true(run >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_case_comes_out_as_expected)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

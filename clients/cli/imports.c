#include "clients/cli/command.h"
#include "clients/cli/load.h"
#include "imports/ddl.h"
#include "imports/glue.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* `tenon import glue|hive`: other catalogs' files, read here and brought in by calls. */

enum { MOVES_MAX = 64, FILES_MAX = 4096 };

struct input {
	FILE *file;
	const char *path;
	struct load *load; /* NULL: only looked at */
};

static void input_close(struct input *input)
{
	if (input->file && input->file != stdin)
		(void)fclose(input->file);
}

static enum status input_open(struct input *input, const char *path, struct error *err)
{
	input->path = path;
	input->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	struct stat about;
	if (!input->file || fstat(fileno(input->file), &about) != 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' cannot be read: %s", path,
			strerror(errno));
	if (S_ISDIR(about.st_mode))
		return fail(err, STATUS_INVALID_ARGUMENT, "'%s' is a folder: name the files in it",
			path);
	return STATUS_OK;
}

static enum status input_read(
	void *state, char *at, size_t size, size_t *got_out, struct error *err)
{
	struct input *input = state;
	*got_out = fread(at, 1, size, input->file);
	if (ferror(input->file))
		return fail(err, STATUS_UNKNOWN, "'%s' cannot be read: %s", input->path,
			strerror(errno));
	if (input->load)
		input->load->bytes_done += *got_out;
	return STATUS_OK;
}

/* Databases before tables before partitions, whatever the order of the files: by what
 * the first item of each is. */
struct ranked {
	const char *path;
	enum import_kind first;
};

static enum import_kind first_kind(const char *path)
{
	struct input __attribute__((cleanup(input_close))) input = {.path = path};
	struct error err;
	if (strcmp(path, "-") == 0 || input_open(&input, path, &err) != STATUS_OK)
		return IMPORT_KINDS_;
	OWNED(arena) arena = arena_new();
	OWNED(glue) glue = glue_new((struct byte_source){&input, input_read});
	struct import_notes *notes = arena_alloc(arena, sizeof *notes);
	struct import_item item = {.kind = IMPORT_KINDS_};
	bool found = false;
	notes->arena = arena;
	if (glue_next(glue, arena, notes, &item, &found, &err) != STATUS_OK || !found)
		return IMPORT_KINDS_;
	return item.kind;
}

static struct ranked *files_ranked(struct cli *cli, const struct options *options)
{
	struct ranked *files = arena_array(cli->arena, options->count, sizeof *files);
	for (size_t i = 0; i < options->count; i++) {
		struct ranked one = {options->arguments[i], first_kind(options->arguments[i])};
		size_t at = i;
		for (; at > 0 && files[at - 1].first > one.first; at--)
			files[at] = files[at - 1];
		files[at] = one;
	}
	return files;
}

/* Where files are from: how their items are read. */
struct source {
	const char *name;
	enum status (*next)(void *reader, struct load *load, struct import_item *item_out,
		bool *found_out, struct error *err);
};

static enum status glue_item(void *reader, struct load *load, struct import_item *item_out,
	bool *found_out, struct error *err)
{
	return glue_next(reader, load->arena, &load->notes, item_out, found_out, err);
}

static enum status hive_item(void *reader, struct load *load, struct import_item *item_out,
	bool *found_out, struct error *err)
{
	return ddl_next(reader, load->arena, &load->notes, item_out, found_out, err);
}

static const struct source glue_source = {"glue", glue_item};
static const struct source hive_source = {"hive", hive_item};

static enum status read_items(struct load *load, const struct source *source, void *reader,
	const char *path, struct error *err)
{
	for (;;) {
		struct import_item item;
		bool found = false;
		if (source->next(reader, load, &item, &found, err) != STATUS_OK) {
			/* What came before the damage is good. */
			struct error broken = *err;
			TRY(load_flush(load, err));
			*err = broken;
			return fail_within(err, "%s", path);
		}
		if (!found)
			return load_flush(load, err);
		TRY(load_item(load, &item, err));
	}
}

static enum status read_file(
	struct load *load, const struct source *source, const char *path, struct error *err)
{
	struct input __attribute__((cleanup(input_close))) input = {.load = load};
	TRY(input_open(&input, path, err));
	load->file = path;
	const struct byte_source bytes = {&input, input_read};
	if (source == &hive_source) {
		OWNED(ddl) ddl = ddl_new(bytes);
		return read_items(load, source, ddl, path, err);
	}
	OWNED(glue) glue = glue_new(bytes);
	return read_items(load, source, glue, path, err);
}

static enum status sum_bytes(struct load *load, const struct options *options, struct error *err)
{
	for (size_t i = 0; i < options->count; i++) {
		struct stat about;
		const char *path = options->arguments[i];
		if (strcmp(path, "-") == 0)
			continue;
		if (stat(path, &about) != 0)
			return fail(err, STATUS_INVALID_ARGUMENT, "'%s' cannot be read: %s", path,
				strerror(errno));
		load->bytes_total += (uint64_t)about.st_size;
	}
	return STATUS_OK;
}

static enum status read_options(struct cli *cli, const struct options *options,
	struct load_options *load_out, struct error *err)
{
	struct fit_move *moves = arena_array(cli->arena, MOVES_MAX, sizeof *moves);
	size_t count = 0;
	const char *written;
	while ((written = options_nth(options, "--location", count))) {
		if (count == MOVES_MAX)
			return cli_usage(cli, err, "at most %d times --location", MOVES_MAX);
		if (!fit_move_read(text_of(written), &moves[count]))
			return cli_usage(cli, err,
				"--location is FROM=TO, as s3://bucket/lake=/data/lake, not '%s'",
				written);
		count++;
	}
	*load_out = (struct load_options){
		.plan = options_has(options, "--plan"),
		.replace = options_has(options, "--replace"),
		.keep_going = options_has(options, "--keep-going"),
		.database = options_value(options, "--database"),
		.moves = moves,
		.moves_count = count,
	};
	return STATUS_OK;
}

static enum status end(struct cli *cli, struct load *load, const char *source, enum status status)
{
	progress_clear(&load->progress);
	if (cli->json)
		load_json(load, source, status == STATUS_OK);
	else
		load_render(load, status == STATUS_OK);
	cli->failed = load->failures_count > 0;
	return status;
}

static enum status run_import(struct cli *cli, const struct options *options,
	const struct source *source, struct error *err)
{
	struct load_options wanted;
	TRY(read_options(cli, options, &wanted, err));
	struct load __attribute__((cleanup(load_done))) load;
	load_init(&load, cli, &wanted);
	TRY(sum_bytes(&load, options, err));
	/* Statements have an order of their own. */
	const struct ranked *files = source == &glue_source ? files_ranked(cli, options) : NULL;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < options->count && status == STATUS_OK; i++)
		status = read_file(
			&load, source, files ? files[i].path : options->arguments[i], err);
	return end(cli, &load, source->name, status);
}

static enum status run_import_glue(
	struct cli *cli, const struct options *options, struct error *err)
{
	return run_import(cli, options, &glue_source, err);
}

static enum status run_import_hive(
	struct cli *cli, const struct options *options, struct error *err)
{
	return run_import(cli, options, &hive_source, err);
}

static const struct flag import_flags[] = {
	{"--plan", 0, NULL, "say what would be made or replaced, and change nothing"},
	{"--replace", 0, NULL, "replace what is there and differs; else it stays as it is"},
	{"--database", 0, "DB", "put everything into this database"},
	{"--location", 0, "FROM=TO", "data below FROM is below TO now; may be repeated"},
	{"--keep-going", 0, NULL, "go on after what cannot be read"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"import glue", "FILE...", "Bring in what 'aws glue get-...' printed",
		"FILE ('-': standard input) holds the JSON of get-databases, get-tables, "
		"get-table,\n"
		"get-partitions or get-user-defined-functions, any number of pages. What is there\n"
		"already stays; run it again after a failure. What has no place here is kept as\n"
		"parameter 'glue.NAME' or named as left out.\n"
		"\n"
		"  aws glue get-tables --database-name sales > tables.json\n"
		"  aws glue get-partitions --database-name sales --table-name orders > parts.json\n"
		"  tenon import glue tables.json parts.json --plan\n"
		"  tenon import glue tables.json parts.json --location "
		"s3://bucket/lake=/data/lake\n",
		import_flags, 1, FILES_MAX, see_databases, run_import_glue},
	{"import hive", "FILE...", "Bring in Hive's DDL: what SHOW CREATE TABLE prints",
		"FILE ('-': standard input) holds CREATE TABLE, VIEW, DATABASE and FUNCTION, "
		"ALTER\n"
		"TABLE ADD PARTITION and USE, as Hive, Spark, Athena and Impala write them; other\n"
		"statements are passed over and named. What is there already stays; run it again\n"
		"after a failure.\n"
		"\n"
		"  hive -e 'SHOW CREATE TABLE shop.orders' > orders.sql\n"
		"  tenon import hive orders.sql --plan\n"
		"  hive -e 'SHOW CREATE TABLE orders' | tenon import hive - --database shop\n",
		import_flags, 1, FILES_MAX, see_databases, run_import_hive},
};

const struct commands import_commands = COMMANDS(rows);

#include "clients/cli/grid.h"
#include "clients/cli/render.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static const char *format_of(struct arena *arena, const Tenon__V1__Inferred *found)
{
	bool packed = found->compression[0] && strcmp(found->compression, "none") != 0;
	return packed ? arena_printf(arena, "%s, %s", found->classification, found->compression)
		      : found->classification;
}

/* "'\t'" as \t, so that a delimiter can be seen. */
static const char *visible(struct arena *arena, const char *text)
{
	if (strcmp(text, "\t") == 0)
		return "\\t";
	if (strcmp(text, "\x01") == 0)
		return "^A";
	return printable(arena, text);
}

static void add_dialect(struct screen *screen, const Tenon__V1__Dialect *dialect)
{
	struct arena *arena = screen->arena;
	screen_text(screen, PAINT_DIM, "  dialect     ");
	if (dialect->array) {
		screen_text(screen, PAINT_NONE, "one array");
	} else if (dialect->delimiter[0]) {
		screen_printf(
			screen, PAINT_NONE, "delimiter '%s'", visible(arena, dialect->delimiter));
		if (dialect->quote[0])
			screen_printf(screen, PAINT_NONE, ", quote %s", dialect->quote);
		if (dialect->escape[0])
			screen_printf(screen, PAINT_NONE, ", escape %s", dialect->escape);
		screen_text(screen, PAINT_NONE, dialect->header ? ", header" : ", no header");
		if (dialect->skip)
			screen_printf(screen, PAINT_NONE, ", skip %s",
				human_things(arena, dialect->skip, "line"));
		if (dialect->comment[0])
			screen_printf(screen, PAINT_NONE, ", comment %s", dialect->comment);
		if (dialect->null_text[0])
			screen_printf(screen, PAINT_NONE, ", null '%s'", dialect->null_text);
	} else {
		screen_text(screen, PAINT_NONE, "one record after the other");
	}
	if (dialect->encoding[0])
		screen_printf(screen, PAINT_NONE, ", %s", dialect->encoding);
	screen_text(screen, PAINT_NONE, "\n");
}

static const Tenon__V1__ColumnEvidence *evidence_of(
	const Tenon__V1__Inferred *found, const char *path)
{
	for (size_t i = 0; i < found->n_evidence; i++) {
		if (strcmp(found->evidence[i]->path, path) == 0)
			return found->evidence[i];
	}
	return NULL;
}

/* Why a choice is one: "1,204 double, 34 string (first a.json:120)". */
static const char *choice_note(struct arena *arena, const Tenon__V1__ColumnEvidence *evidence)
{
	const char *note = "";
	for (size_t i = 0; evidence && i < evidence->n_types && i < 4; i++) {
		const Tenon__V1__TypeEvidence *type = evidence->types[i];
		note = arena_printf(arena, "%s%s%s %s", note, i ? ", " : "",
			human_count(arena, type->values), type->type);
		if (i && type->file[0])
			note = arena_printf(
				arena, "%s (first %s:%" PRIu64 ")", note, type->file, type->byte);
	}
	return note;
}

static void add_columns(struct screen *screen, const Tenon__V1__Inferred *found)
{
	static const struct grid_column columns[] = {{.title = "COLUMN", .name = true},
		{.title = "TYPE", .elastic = true}, {.title = "NULLS", .number = true},
		{.title = "NOTE", .elastic = true}};
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < found->n_columns; i++) {
		const Tenon__V1__NameType *column = found->columns[i];
		const Tenon__V1__ColumnEvidence *evidence = evidence_of(found, column->name);
		bool choice = strstr(column->type, "choice<") != NULL;
		grid_cell(grid, column->name);
		grid_painted(grid, choice ? PAINT_YELLOW : PAINT_NONE, column->type);
		grid_cell(grid, evidence ? human_count(screen->arena, evidence->nulls) : "");
		grid_painted(grid, PAINT_DIM, choice ? choice_note(screen->arena, evidence) : "");
	}
	for (size_t i = 0; i < found->n_partition_keys; i++) {
		grid_cell(grid, found->partition_keys[i]->name);
		grid_cell(grid, found->partition_keys[i]->type);
		grid_cell(grid, "");
		grid_painted(grid, PAINT_DIM, "partition key");
	}
	if (grid_rows(grid))
		grid_draw(grid, "  ");
}

static void add_bad(struct screen *screen, const Tenon__V1__Inferred *found)
{
	enum { SHOWN = 5 };
	if (!found->bad_records)
		return;
	screen_printf(screen, PAINT_YELLOW, "  %s\n",
		human_things(screen->arena, found->bad_records, "bad record"));
	for (size_t i = 0; i < found->n_bad && i < SHOWN; i++) {
		const Tenon__V1__BadRecord *bad = found->bad[i];
		screen_printf(screen, PAINT_NONE, "    %s:%" PRIu64 ": %s", bad->file, bad->byte,
			bad->reason);
		if (bad->sample[0])
			screen_printf(screen, PAINT_DIM, "  %s", bad->sample);
		screen_text(screen, PAINT_NONE, "\n");
	}
	if (found->bad_records > SHOWN)
		screen_text(screen, PAINT_DIM, "    and more: --json has the first of them\n");
}

void render_inferred(struct screen *screen, const Tenon__V1__Inferred *found)
{
	struct arena *arena = screen->arena;
	screen_text(screen, PAINT_BOLD, found->path);
	screen_text(screen, PAINT_NONE, "  ");
	screen_text(screen, paint_of(found->outcome), found->outcome);
	if (found->classification[0])
		screen_printf(screen, PAINT_NONE, "  %s", format_of(arena, found));
	screen_text(screen, PAINT_NONE, "\n");
	if (found->error[0])
		screen_printf(screen, PAINT_RED, "  %s\n", found->error);
	if (found->n_columns) {
		screen_text(screen, PAINT_DIM, "  content     ");
		screen_printf(screen, PAINT_NONE, "%s, %s, %s, %s\n",
			human_things(arena, found->row_count, "row"),
			human_things(arena, found->n_columns, "column"),
			human_things(arena, found->objects, "file"),
			human_bytes(arena, found->bytes));
	} else if (found->libmagic[0]) {
		screen_printf(screen, PAINT_DIM, "  looks like  %s\n", found->libmagic);
	}
	if (found->partitions)
		screen_printf(screen, PAINT_NONE, "  partitions  %s\n",
			human_count(arena, found->partitions));
	bool text = strcmp(found->classification, "csv") == 0 ||
		    strcmp(found->classification, "json") == 0;
	if (found->dialect && found->n_columns && text)
		add_dialect(screen, found->dialect);
	add_columns(screen, found);
	add_bad(screen, found);
}

/* Why a file is in no table is never cut: on a terminal it has lines of its own. */
static void add_failed_lines(struct screen *screen, const Tenon__V1__Inferred *failed)
{
	enum { INDENT = 4 };
	size_t room = screen->width > 2 * INDENT + 20 ? screen->width - strlen("  unknown  ") : 0;
	screen_text(screen, PAINT_NONE, "  ");
	screen_text(screen, paint_of(failed->outcome), failed->outcome);
	screen_printf(screen, PAINT_NONE, "  %s\n",
		room ? text_cut_start(screen, failed->path, room) : failed->path);
	screen_wrapped(screen, INDENT, failed->error[0] ? failed->error : failed->libmagic);
}

void render_inferred_rows(struct screen *screen, Tenon__V1__Inferred *const *found, size_t count)
{
	static const struct grid_column columns[] = {{.title = "OUTCOME"}, {.title = "FORMAT"},
		{.title = "ROWS", .number = true}, {.title = "COLUMNS", .number = true},
		{.title = "SIZE", .number = true}, {.title = "BAD", .number = true},
		{.title = "PATH", .elastic = true, .path = true}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Inferred *one = found[i];
		grid_painted(grid, paint_of(one->outcome), one->outcome);
		grid_cell(grid, format_of(arena, one));
		grid_cell(grid, one->n_columns ? human_count(arena, one->row_count) : "-");
		grid_cell(grid, one->n_columns ? human_count(arena, one->n_columns) : "-");
		grid_cell(grid, human_bytes(arena, one->bytes));
		grid_cell(grid, one->bad_records ? human_count(arena, one->bad_records) : "-");
		/* Where nothing is cut, one line says all. */
		grid_cell(grid, one->error[0] && !screen->width
					? arena_printf(arena, "%s: %s", one->path, one->error)
					: one->path);
	}
	grid_draw(grid, "");
	for (size_t i = 0; screen->width && i < count; i++) {
		if (found[i]->error[0])
			add_failed_lines(screen, found[i]);
	}
}

void render_changes(struct screen *screen, const char *indent,
	Tenon__V1__SchemaChange *const *changes, size_t count)
{
	static const struct grid_column columns[] = {{0}, {0}, {0}, {.elastic = true}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__SchemaChange *change = changes[i];
		bool both = change->before[0] && change->after[0];
		grid_painted(grid, paint_of(change->severity), change->severity);
		grid_cell(grid, change->kind);
		grid_cell(grid, change->path);
		grid_cell(grid, arena_printf(arena, "%s%s%s%s%s%s", change->before, both ? " " : "",
					both ? arrow(screen) : "", both ? " " : "", change->after,
					change->partition_key ? "  (partition key)" : ""));
	}
	if (count)
		grid_draw(grid, indent);
}

static void add_crawl_rows(struct screen *screen, const Tenon__V1__CrawlResult *result)
{
	static const struct grid_column columns[] = {{.title = "OUTCOME"},
		{.title = "TABLE", .name = true}, {.title = "FORMAT"},
		{.title = "COLUMNS", .number = true, .spare = 3},
		{.title = "PARTITIONS", .number = true},
		{.title = "FILES", .number = true, .spare = 1}, {.title = "ROWS", .number = true},
		{.title = "SIZE", .number = true, .spare = 2},
		{.title = "VERSION", .number = true, .spare = 4}, {.title = "CHANGE"}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < result->n_tables; i++) {
		const Tenon__V1__Inferred *table = result->tables[i];
		grid_painted(grid, paint_of(table->outcome), table->outcome);
		grid_cell(grid, table->table[0] ? table->table : table->path);
		grid_cell(grid, format_of(arena, table));
		grid_cell(grid, human_count(arena, table->n_columns));
		grid_cell(grid, table->partitions_added
					? arena_printf(arena, "%s (+%" PRIu64 ")",
						  human_count(arena, table->partitions),
						  table->partitions_added)
				: table->partitions || table->n_partition_keys
					? human_count(arena, table->partitions)
					: "-");
		grid_cell(grid, human_count(arena, table->objects));
		grid_cell(grid, human_count(arena, table->row_count));
		grid_cell(grid, human_bytes(arena, table->bytes));
		grid_printf(grid, "%" PRIu64, table->version);
		grid_painted(
			grid, paint_of(table->severity), table->n_changes ? table->severity : "");
	}
	if (result->n_tables)
		grid_draw(grid, "");
}

static void add_crawl_changes(struct screen *screen, const Tenon__V1__CrawlResult *result)
{
	for (size_t i = 0; i < result->n_tables; i++) {
		const Tenon__V1__Inferred *table = result->tables[i];
		bool new_table = strcmp(table->outcome, "created") == 0;
		if (table->n_changes && !new_table) {
			screen_printf(screen, PAINT_BOLD, "\n%s, version %" PRIu64 "\n",
				table->table, table->version);
			render_changes(screen, "  ", table->changes, table->n_changes);
		}
		if (table->bad_records) {
			screen_printf(screen, PAINT_BOLD, "\n%s\n", table->table);
			add_bad(screen, table);
		}
	}
}

static void add_failed(struct screen *screen, const Tenon__V1__CrawlResult *result)
{
	static const struct grid_column columns[] = {{0}, {0}, {0}};
	if (!result->n_failed)
		return;
	screen_printf(screen, PAINT_BOLD, "\n%s in no table\n",
		human_things(screen->arena, result->n_failed, "file"));
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < result->n_failed; i++) {
		const Tenon__V1__Inferred *failed = result->failed[i];
		if (screen->width) {
			add_failed_lines(screen, failed);
			continue;
		}
		grid_painted(grid, paint_of(failed->outcome), failed->outcome);
		grid_cell(grid, failed->path);
		grid_cell(grid, failed->error[0] ? failed->error : failed->libmagic);
	}
	grid_draw(grid, "  ");
}

void render_crawl(struct screen *screen, const Tenon__V1__CrawlResult *result)
{
	struct arena *arena = screen->arena;
	add_crawl_rows(screen, result);
	add_crawl_changes(screen, result);
	add_failed(screen, result);
	if (result->n_tables || result->n_failed)
		screen_text(screen, PAINT_NONE, "\n");
	screen_printf(screen, PAINT_NONE,
		"%s%s created, %s updated, %s unchanged%s in database '%s'; %s listed, "
		"%s opened, %s read in %s\n",
		result->plan_only ? "Only a plan, nothing changed: " : "",
		human_things(arena, result->tables_created, "table"),
		human_count(arena, result->tables_updated),
		human_count(arena, result->tables_unchanged),
		result->partitions_added
			? arena_printf(arena, ", %s added",
				  human_things(arena, result->partitions_added, "partition"))
			: "",
		result->database, human_things(arena, result->objects_listed, "file"),
		human_count(arena, result->objects_opened), human_bytes(arena, result->bytes_read),
		human_seconds(arena, result->seconds));
	if (!result->n_tables && !result->n_failed)
		screen_printf(screen, PAINT_NONE, "No data files under %s: is the path right?\n",
			result->path);
}

#include "base/partition_folder.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

const char *table_parameter(const Tenon__V1__Table *table, const char *name)
{
	const char *value = NULL;
	for (size_t i = 0; i < table->n_parameters; i++) {
		if (strcmp(table->parameters[i]->key, name) == 0)
			value = table->parameters[i]->value;
	}
	return value;
}

/* A number that a crawl keeps as a parameter (Glue's names), or "-". */
static const char *counted(struct arena *arena, const Tenon__V1__Table *table, const char *name,
	const char *(*human)(struct arena *, uint64_t))
{
	const char *value = table_parameter(table, name);
	uint64_t number = 0;
	if (!value || !value[0] || text_uint64(text_of(value), &number) != strlen(value))
		return "-";
	return human(arena, number);
}

static const char *location_of(const Tenon__V1__Table *table)
{
	return table->storage ? table->storage->location : "";
}

void render_databases(struct screen *screen, Tenon__V1__Database *const *databases, size_t count)
{
	static const struct grid_column columns[] = {{.title = "DATABASE", .name = true},
		{.title = "TABLES", .number = true}, {.title = "CREATED", .least = GRID_DATE},
		{.title = "DESCRIPTION", .elastic = true}};
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < count; i++) {
		grid_cell(grid, databases[i]->name);
		grid_cell(grid, human_count(screen->arena, databases[i]->table_count));
		grid_cell(grid, human_time(screen->arena, databases[i]->create_time_us));
		grid_cell(grid, databases[i]->description);
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE,
			"No databases yet: 'tenon crawl PATH --database NAME' makes one\n");
}

void render_tables(
	struct screen *screen, Tenon__V1__Table *const *tables, size_t count, bool one_database)
{
	static const struct grid_column columns[] = {{.title = "TABLE", .name = true},
		{.title = "FORMAT"}, {.title = "ROWS", .number = true},
		{.title = "PARTITIONS", .number = true, .spare = 1},
		{.title = "SIZE", .number = true}, {.title = "VERSION", .number = true},
		{.title = "UPDATED", .least = GRID_DATE},
		{.title = "LOCATION", .elastic = true, .path = true, .spare = 2}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Table *table = tables[i];
		const char *format = table_parameter(table, "classification");
		grid_cell(grid, place_text(arena, table->database, table->name));
		grid_cell(grid, format ? format : "-");
		grid_cell(grid, counted(arena, table, "recordCount", human_count));
		grid_cell(grid,
			table->partition_count ? human_count(arena, table->partition_count) : "-");
		grid_cell(grid, counted(arena, table, "sizeKey", human_bytes));
		grid_printf(grid, "%" PRIu64, table->version);
		grid_cell(grid, human_time(arena, table->update_time_us));
		grid_cell(grid, location_of(table));
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_printf(screen, PAINT_NONE,
			"No tables%s yet: 'tenon crawl PATH --database NAME' finds them\n",
			one_database ? " in this database" : "");
}

static void add_line(struct screen *screen, const char *name, const char *value)
{
	if (!value || !value[0] || strcmp(value, "-") == 0)
		return;
	screen_printf(screen, PAINT_DIM, "  %-12s", name);
	screen_printf(screen, PAINT_NONE, "%s\n", value);
}

static const char *key_names(struct arena *arena, const Tenon__V1__Table *table)
{
	const char *names = "";
	for (size_t i = 0; i < table->n_partition_keys; i++)
		names = arena_printf(
			arena, "%s%s%s", names, i ? ", " : "", table->partition_keys[i]->name);
	return names;
}

static const char *content_of(struct arena *arena, const Tenon__V1__Table *table)
{
	const char *rows = counted(arena, table, "recordCount", human_count);
	const char *bytes = counted(arena, table, "sizeKey", human_bytes);
	const char *files = counted(arena, table, "objectCount", human_count);
	if (strcmp(rows, "-") == 0)
		return NULL;
	return arena_printf(arena, "%s row%s, %s, %s file%s", rows, strcmp(rows, "1") ? "s" : "",
		bytes, files, strcmp(files, "1") ? "s" : "");
}

static void add_columns(struct screen *screen, const Tenon__V1__Table *table)
{
	static const struct grid_column columns[] = {{.title = "COLUMN", .name = true},
		{.title = "TYPE", .elastic = true}, {.title = "COMMENT", .elastic = true}};
	struct grid *grid = grid_new(screen, COLUMNS(columns));
	for (size_t i = 0; table->storage && i < table->storage->n_columns; i++) {
		const Tenon__V1__Column *column = table->storage->columns[i];
		bool choice = strstr(column->type, "choice<") != NULL;
		grid_cell(grid, column->name);
		grid_painted(grid, choice ? PAINT_YELLOW : PAINT_NONE, column->type);
		grid_cell(grid, column->comment);
	}
	for (size_t i = 0; i < table->n_partition_keys; i++) {
		const Tenon__V1__Column *key = table->partition_keys[i];
		grid_cell(grid, key->name);
		grid_cell(grid, key->type);
		if (key->comment[0])
			grid_cell(grid,
				arena_printf(screen->arena, "partition key; %s", key->comment));
		else
			grid_painted(grid, PAINT_DIM, "partition key");
	}
	if (grid_rows(grid)) {
		screen_text(screen, PAINT_NONE, "\n");
		grid_draw(grid, "  ");
	}
}

void render_table(struct screen *screen, const Tenon__V1__Table *table)
{
	struct arena *arena = screen->arena;
	const char *format = table_parameter(table, "classification");
	const char *packed = table_parameter(table, "compressionType");
	screen_text(screen, PAINT_BOLD, place_text(arena, table->database, table->name));
	screen_printf(screen, PAINT_NONE, "  version %" PRIu64 "\n", table->version);
	add_line(screen, "description", table->description);
	/* Crawls set it as Glue's do: it tells nothing. */
	if (strcmp(table->owner, "owner") != 0)
		add_line(screen, "owner", table->owner);
	add_line(screen, "location", location_of(table));
	add_line(screen, "format",
		format && packed && strcmp(packed, "none") != 0
			? arena_printf(arena, "%s, %s", format, packed)
			: format);
	add_line(screen, "content", content_of(arena, table));
	if (table->n_partition_keys)
		add_line(screen, "partitions",
			arena_printf(arena, "%s by %s", human_count(arena, table->partition_count),
				key_names(arena, table)));
	if (table->update_time_us)
		add_line(screen, "updated",
			arena_printf(arena, "%s%s%s", human_time(arena, table->update_time_us),
				table->updated_by[0] ? " by " : "", table->updated_by));
	add_line(screen, "view", table->view_original_text);
	add_columns(screen, table);
}

bool evidence_within(const char *path, const char *column)
{
	size_t length = strlen(column);
	struct text head = text_until(text_of(path), length);
	return text_equal_folded(head, text_of(column)) &&
	       (path[length] == 0 || path[length] == '.' || path[length] == '[');
}

static const char *type_of(const Tenon__V1__Table *table, const char *column)
{
	for (size_t i = 0; table->storage && i < table->storage->n_columns; i++) {
		if (text_equal_folded(text_of(table->storage->columns[i]->name), text_of(column)))
			return table->storage->columns[i]->type;
	}
	return NULL;
}

bool render_why(struct screen *screen, const Tenon__V1__Table *table, const char *column)
{
	static const struct grid_column columns[] = {{.title = "TYPE"},
		{.title = "VALUES", .number = true},
		{.title = "FIRST SEEN AT (FILE:BYTE)", .elastic = true, .path = true},
		{.title = "SAMPLE", .elastic = true}};
	struct arena *arena = screen->arena;
	bool found = false;
	for (size_t i = 0; i < table->n_evidence; i++) {
		const Tenon__V1__ColumnEvidence *evidence = table->evidence[i];
		if (!evidence_within(evidence->path, column))
			continue;
		const char *type = type_of(table, evidence->path);
		screen_printf(screen, PAINT_BOLD, "%s%s", found ? "\n" : "", evidence->path);
		screen_printf(screen, PAINT_NONE, "%s%s: %s, %s\n", type ? " is " : "",
			type ? type : "", human_things(arena, evidence->values, "value"),
			human_things(arena, evidence->nulls, "null"));
		found = true;
		struct grid *grid = grid_new(screen, COLUMNS(columns));
		for (size_t t = 0; t < evidence->n_types; t++) {
			const Tenon__V1__TypeEvidence *seen = evidence->types[t];
			grid_cell(grid, seen->type);
			grid_cell(grid, human_count(arena, seen->values));
			grid_cell(grid, seen->file[0] ? arena_printf(arena, "%s:%" PRIu64,
								seen->file, seen->byte)
						      : "-");
			grid_cell(grid, seen->sample);
		}
		if (evidence->n_types)
			grid_draw(grid, "  ");
	}
	return found;
}

enum { FIELDS_SHOWN = 10 /* of a version; 'tenon diff' shows all */ };

void render_versions(struct screen *screen, Tenon__V1__TableVersion *const *versions, size_t count)
{
	struct arena *arena = screen->arena;
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__TableVersion *version = versions[i];
		screen_printf(screen, PAINT_BOLD, "version %" PRIu64, version->version);
		screen_printf(screen, PAINT_NONE, "  %s", human_time(arena, version->time_us));
		if (version->author[0])
			screen_printf(screen, PAINT_NONE, "  %s", version->author);
		if (version->severity[0] && version->n_changes + version->n_fields) {
			screen_text(screen, PAINT_NONE, "  ");
			screen_text(screen, paint_of(version->severity), version->severity);
		}
		if (version->pinned)
			screen_printf(screen, PAINT_YELLOW, "  pinned%s%s",
				version->label[0] ? " as " : "", version->label);
		if (version->reason[0])
			screen_printf(screen, PAINT_DIM, "  %s", version->reason);
		screen_text(screen, PAINT_NONE, "\n");
		render_changes(screen, "  ", version->changes, version->n_changes);
		render_fields(screen, "  ", version->fields, version->n_fields, FIELDS_SHOWN);
	}
}

/* Where jobs and queries look for it: Hive's folders, with what would not do in a path as
 * %XX. */
static const char *partition_location(
	struct arena *arena, const Tenon__V1__Table *table, const Tenon__V1__Partition *partition)
{
	if (partition->storage && partition->storage->location[0])
		return partition->storage->location;
	struct text root = text_of(location_of(table));
	while (root.length > 1 && text_ends(root, TEXT("/")))
		root.length--;
	const char *location = arena_text(arena, root);
	for (size_t i = 0; i < partition->n_values && i < table->n_partition_keys; i++) {
		struct text value = folder_value_encode(arena, text_of(partition->values[i]));
		location = arena_printf(arena, "%s/%s=%.*s", location,
			table->partition_keys[i]->name, TEXT_ARG(value));
	}
	return location;
}

void render_partitions(struct screen *screen, const Tenon__V1__Table *table,
	Tenon__V1__Partition *const *partitions, size_t count)
{
	struct arena *arena = screen->arena;
	size_t keys = table->n_partition_keys;
	struct grid_column *columns = arena_array(arena, keys + 1, sizeof *columns);
	for (size_t i = 0; i < keys; i++)
		columns[i] = (struct grid_column){.title = table->partition_keys[i]->name};
	columns[keys] = (struct grid_column){
		.title = "LOCATION", .elastic = true, .path = true, .spare = 1};
	struct grid *grid = grid_new(screen, columns, keys + 1);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < keys; k++)
			grid_cell(
				grid, k < partitions[i]->n_values ? partitions[i]->values[k] : "");
		grid_cell(grid, partition_location(arena, table, partitions[i]));
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE,
			keys ? "No partitions\n" : "The table is not partitioned\n");
}

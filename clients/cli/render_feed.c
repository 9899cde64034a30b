#include "clients/cli/field_words.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"

#include <inttypes.h>
#include <string.h>

enum { PARTITIONS_SHOWN = 5, PARTITION_FIELDS_SHOWN = 5 };

/* "sales.orders", "sales", or what is neither: "job/daily". */
static const char *subject(struct arena *arena, const Tenon__V1__Change *change)
{
	if (change->resource[0])
		return change->resource;
	return change->database[0] ? place_text(arena, change->database, change->table) : "";
}

static void render_counts(struct screen *screen, const Tenon__V1__Change *change)
{
	const struct {
		uint64_t count;
		const char *sign;
	} counts[] = {
		{change->partitions_added, "+"},
		{change->partitions_removed, "-"},
		{change->partitions_updated, "~"},
	};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		if (counts[i].count)
			screen_printf(screen, PAINT_NONE, "  %s%s", counts[i].sign,
				human_things(screen->arena, counts[i].count, "partition"));
	}
}

/* A crawl counts twice, as Glue's does: in the table's parameters and in its storage's. */
static bool is_told_twice(
	Tenon__V1__FieldChange *const *fields, size_t count, const Tenon__V1__FieldChange *field)
{
	static const struct text prefix = {"storage.", sizeof "storage." - 1};
	if (!text_starts(text_of(field->path), TEXT("storage.parameters.")))
		return false;
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__FieldChange *other = fields[i];
		if (strcmp(other->path, field->path + prefix.length) == 0 &&
			strcmp(other->before, field->before) == 0 &&
			strcmp(other->after, field->after) == 0)
			return true;
	}
	return false;
}

/* What the line above says already. */
static bool is_subject(const Tenon__V1__FieldChange *field)
{
	struct text path = text_of(field->path);
	if (field->before[0])
		return false;
	return text_equal(path, TEXT("name")) ||
	       (text_starts(path, TEXT("plan.nodes.")) && text_ends(path, TEXT(".name")));
}

static bool is_severe(const Tenon__V1__FieldChange *field)
{
	return field->severity[0] && strcmp(field->severity, "safe") != 0;
}

/* Severities stand there when one of them is worth a look. */
void render_fields(struct screen *screen, const char *indent, Tenon__V1__FieldChange *const *fields,
	size_t count, size_t most)
{
	static const struct grid_column columns[] = {
		{.least = 0}, {.least = 12}, {.elastic = true}};
	struct arena *arena = screen->arena;
	bool graded = false;
	size_t left = 0;
	for (size_t i = 0; i < count; i++)
		graded = graded || is_severe(fields[i]);
	struct grid *grid = grid_new(screen, columns + !graded, 2 + graded);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__FieldChange *field = fields[i];
		if (is_subject(field) || is_told_twice(fields, count, field))
			continue;
		if (grid_rows(grid) == most) {
			left++;
			continue;
		}
		if (graded)
			grid_painted(grid, paint_of(field->severity), field->severity);
		grid_cell(grid, field_words(arena, field->path));
		if (field->before[0] && field->after[0])
			grid_cell(grid, arena_printf(arena, "%s %s %s", field->before,
						arrow(screen), field->after));
		else if (field->before[0])
			grid_cell(grid, arena_printf(arena, "was %s", field->before));
		else
			grid_cell(grid, field->after);
	}
	if (grid_rows(grid))
		grid_draw(grid, indent);
	if (left)
		screen_printf(screen, PAINT_DIM, "%s%s %zu more\n", indent, ellipsis(screen), left);
}

static const char *values_text(struct arena *arena, char *const *values, size_t count)
{
	const char *text = "";
	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? "/" : "", values[i]);
	return text;
}

/* Of one that came or went its values say enough. */
static void render_partition(struct screen *screen, const Tenon__V1__PartitionChange *one)
{
	static const struct {
		const char *kind, *sign;
	} signs[] = {{"added", "+"}, {"removed", "-"}, {"updated", "~"}};
	struct arena *arena = screen->arena;
	const char *sign = "";
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		sign = strcmp(one->kind, signs[i].kind) == 0 ? signs[i].sign : sign;
	screen_printf(
		screen, PAINT_NONE, "  %s%s", sign, values_text(arena, one->values, one->n_values));
	if (one->n_before_values)
		screen_printf(screen, PAINT_NONE, "  (was %s)",
			values_text(arena, one->before_values, one->n_before_values));
	screen_text(screen, PAINT_NONE, "\n");
	if (strcmp(one->kind, "updated") == 0)
		render_fields(screen, "    ", one->fields, one->n_fields, PARTITION_FIELDS_SHOWN);
}

static void render_partition_changes(struct screen *screen, const Tenon__V1__Change *change)
{
	uint64_t all =
		change->partitions_added + change->partitions_removed + change->partitions_updated;
	size_t shown =
		change->n_partitions < PARTITIONS_SHOWN ? change->n_partitions : PARTITIONS_SHOWN;
	for (size_t i = 0; i < shown; i++)
		render_partition(screen, change->partitions[i]);
	if (shown && all > shown)
		screen_printf(screen, PAINT_DIM, "  %s %" PRIu64 " more\n", ellipsis(screen),
			all - shown);
}

void render_change(struct screen *screen, const Tenon__V1__Change *change)
{
	struct arena *arena = screen->arena;
	screen_printf(screen, PAINT_DIM, "%" PRIu64 "  %s  ", change->sequence,
		human_time(arena, change->time_us));
	screen_text(screen, PAINT_BOLD, change->kind);
	const char *of = subject(arena, change);
	screen_printf(screen, PAINT_NONE, "%s%s", of[0] ? "  " : "", of);
	if (change->before_name[0])
		screen_printf(screen, PAINT_NONE, "  (was %s)", change->before_name);
	if (change->version)
		screen_printf(screen, PAINT_NONE, "  v%" PRIu64, change->version);
	bool severe = change->severity[0] && strcmp(change->severity, "safe") != 0;
	if (severe || (change->severity[0] && change->n_changes)) {
		screen_text(screen, PAINT_NONE, "  ");
		screen_text(screen, paint_of(change->severity), change->severity);
	}
	render_counts(screen, change);
	if (change->author[0])
		screen_printf(screen, PAINT_NONE, "  by %s", change->author);
	if (change->reason[0])
		screen_printf(screen, PAINT_DIM, "  %s", change->reason);
	screen_text(screen, PAINT_NONE, "\n");
	render_changes(screen, "  ", change->changes, change->n_changes);
	render_fields(screen, "  ", change->fields, change->n_fields, SIZE_MAX);
	render_partition_changes(screen, change);
}

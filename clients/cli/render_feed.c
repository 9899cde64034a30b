#include "clients/cli/names.h"
#include "clients/cli/render.h"

#include <inttypes.h>

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
	if (change->severity[0] && change->n_changes) {
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
	for (size_t i = 0; i < change->n_fields; i++)
		screen_printf(screen, PAINT_NONE, "  %s: %s → %s\n", change->fields[i]->path,
			change->fields[i]->before, change->fields[i]->after);
}

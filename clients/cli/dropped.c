#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* What was dropped, and how it comes back. */

#define CATALOG &tenon__v1__catalog__descriptor

static const char *time_left(struct arena *arena, int64_t until_us)
{
	struct timespec now;
	if (until_us == 0)
		return "for ever";
	(void)clock_gettime(CLOCK_REALTIME, &now);
	int64_t left = until_us / 1000000 - (int64_t)now.tv_sec;
	if (left < 0)
		return "none";
	/* To the nearest, or what is dropped right now would have a day less than was said. */
	if (left >= 2 * 86400)
		return human_things(arena, (uint64_t)((left + 43200) / 86400), "day");
	return left >= 2 * 3600 ? human_things(arena, (uint64_t)((left + 1800) / 3600), "hour")
				: human_things(arena, (uint64_t)(left / 60), "minute");
}

static void render_dropped(struct screen *screen, Tenon__V1__Dropped *const *dropped, size_t count)
{
	static const struct grid_column columns[] = {{.title = "ID", .number = true},
		{.title = "DROPPED", .elastic = true}, {.title = "TABLES", .number = true},
		{.title = "WHEN", .least = GRID_DATE}, {.title = "BY", .least = 8},
		{.title = "TIME LEFT"}};
	struct arena *arena = screen->arena;
	struct grid *grid = grid_new(screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Dropped *one = dropped[i];
		grid_printf(grid, "%" PRIu64, one->drop_id);
		grid_cell(grid, place_text(arena, one->database, one->table));
		grid_cell(grid, one->table[0] ? "-" : human_count(arena, one->tables));
		grid_cell(grid, human_time(arena, one->drop_time_us));
		grid_cell(grid, one->author);
		grid_cell(grid, time_left(arena, one->purge_time_us));
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE, "Nothing that was dropped can be had back\n");
}

static enum status run_dropped(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListDroppedRequest request = TENON__V1__LIST_DROPPED_REQUEST__INIT;
	if (options->count)
		request.database = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_pages(cli, CATALOG, "ListDropped", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render_dropped(&cli->screen, (Tenon__V1__Dropped *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

static enum status undrop_database(
	struct cli *cli, const char *name, char *as, uint64_t drop_id, struct error *err)
{
	Tenon__V1__UndropDatabaseRequest request = TENON__V1__UNDROP_DATABASE_REQUEST__INIT;
	Tenon__V1__UndropDatabaseResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(name));
	request.drop_id = drop_id;
	request.new_name = as;
	TRY(cli_call(cli, CATALOG, "UndropDatabase", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "database '%s' is back, with %s\n",
		response->database ? response->database->name : request.name,
		human_things(cli->arena, response->tables, "table"));
	return STATUS_OK;
}

static enum status undrop_table(
	struct cli *cli, char *database, char *name, char *as, uint64_t drop_id, struct error *err)
{
	Tenon__V1__UndropTableRequest request = TENON__V1__UNDROP_TABLE_REQUEST__INIT;
	Tenon__V1__UndropTableResponse *response = NULL;
	request.database = database;
	request.name = name;
	request.drop_id = drop_id;
	request.new_name = as;
	TRY(cli_call(cli, CATALOG, "UndropTable", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "table '%s.%s' is back, version %" PRIu64 "\n",
		request.database, response->table ? response->table->name : request.name,
		response->table ? response->table->version : 0);
	return STATUS_OK;
}

static enum status run_undrop(struct cli *cli, const struct options *options, struct error *err)
{
	const char *name = options->arguments[0];
	char *database = NULL;
	char *table = arena_text(cli->arena, TEXT(""));
	const char *as = options_value(options, "--as");
	const char *id = options_value(options, "--id");
	uint64_t drop_id = 0;
	if (id)
		TRY(cli_number(cli, "--id", id, &drop_id, err));
	char *new_name = arena_text(cli->arena, text_of(as ? as : ""));
	TRY(cli_place(cli, name, &database, &table, err));
	if (*table)
		return undrop_table(cli, database, table, new_name, drop_id, err);
	return undrop_database(cli, database, new_name, drop_id, err);
}

static const char see_dropped[] = "'tenon dropped' lists what can be had back";

static const struct flag undrop_flags[] = {
	{"--as", 0, "NAME", "under another name: of the table in its database, or of the database"},
	{"--id", 0, "N", "not the last one dropped under this name but this one"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"dropped", "[DB]", "What was dropped and can be had back, and for how long",
		"  tenon dropped\n", no_flags, 0, 1, NULL, run_dropped},
	{"undrop", "DB[.TABLE]", "Have back a table, or a database with its tables",
		"With its versions, partitions, statistics and tags, as it was. How long that can\n"
		"be done says 'tenon retention'.\n"
		"\n"
		"  tenon undrop sales.orders\n"
		"  tenon undrop sales.orders --as orders_of_before\n"
		"  tenon undrop sales\n",
		undrop_flags, 1, 1, see_dropped, run_undrop},
};

const struct commands dropped_commands = COMMANDS(rows);

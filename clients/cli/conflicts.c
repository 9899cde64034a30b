#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "tenon/v1/catalog.pb-c.h"

#include <inttypes.h>
#include <string.h>

#define CATALOG &tenon__v1__catalog__descriptor

static void render(struct cli *cli, const struct cli_list *list)
{
	static const struct grid_column columns[] = {{.title = "TABLE", .name = true},
		{.title = "FIELD", .least = 12}, {.title = "KEPT", .elastic = true},
		{.title = "FOUND", .elastic = true}, {.title = "SET BY", .least = 8},
		{.title = "SINCE", .least = GRID_DATE},
		{.title = "TIMES", .number = true, .spare = 1},
		{.title = "LAST CRAWL", .elastic = true, .spare = 2}};
	struct grid *grid = grid_new(&cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < list->count; i++) {
		const Tenon__V1__Conflict *conflict =
			(const Tenon__V1__Conflict *)(void *)list->items[i];
		grid_cell(grid, place_text(cli->arena, conflict->database, conflict->table));
		grid_cell(grid, conflict->path);
		grid_cell(grid, *conflict->kept ? conflict->kept : "-");
		grid_cell(grid, *conflict->found ? conflict->found : "-");
		grid_cell(grid, conflict->author);
		grid_cell(grid, human_time(cli->arena, conflict->first_time_us));
		grid_printf(grid, "%" PRIu64, conflict->times);
		grid_cell(grid, conflict->run_id);
	}
	grid_draw(grid, "");
}

static enum status run_conflicts(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__ListConflictsRequest request = TENON__V1__LIST_CONFLICTS_REQUEST__INIT;
	struct cli_list list = {0};
	const char *where = options->count ? options->arguments[0] : NULL;
	if (where)
		TRY(cli_place(cli, where, &request.database, &request.table, err));
	TRY(cli_pages(cli, CATALOG, "ListConflicts", &request.base, UINT64_MAX, &list, err));
	if (list.count == 0 && where)
		TRY(cli_place_exists(cli, request.database, request.table, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	if (list.count)
		render(cli, &list);
	else
		screen_text(&cli->screen, PAINT_NONE,
			"No conflicts: crawls found what people say, or nothing else\n");
	return STATUS_OK;
}

static enum status run_resolve(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__ResolveConflictRequest request = TENON__V1__RESOLVE_CONFLICT_REQUEST__INIT;
	Tenon__V1__ResolveConflictResponse *response = NULL;
	bool keep = options_has(options, "--keep-mine");
	const char *reason = options_value(options, "--reason");
	request.take = options_has(options, "--take-theirs");
	if (keep == request.take)
		return cli_usage(cli, err, "say --keep-mine or --take-theirs");
	if ((options->count > 1) == options_has(options, "--all"))
		return cli_usage(cli, err, "name one field, or say --all");
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	if (options->count > 1)
		request.path = arena_text(cli->arena, text_of(options->arguments[1]));
	if (reason)
		request.reason = arena_text(cli->arena, text_of(reason));
	TRY(cli_call(cli, CATALOG, "ResolveConflict", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "%s of '%s.%s': %s%s\n",
		human_things(cli->arena, response->resolved, "conflict"), request.database,
		request.table, keep ? "what you said stays" : "what the crawl found is taken",
		response->table && request.take
			? arena_printf(cli->arena, ", version %" PRIu64, response->table->version)
			: "");
	return STATUS_OK;
}

static const struct flag resolve_flags[] = {
	{"--keep-mine", 0, NULL, "what stands in the catalog stays"},
	{"--take-theirs", 0, NULL, "what the crawl found, which crawls then may change"},
	{"--all", 0, NULL, "every conflict of the table"},
	{"--reason", 0, "TEXT", "why, for the history"},
	{NULL, 0, NULL, NULL},
};
static const char see_conflicts[] = "'tenon conflicts' lists what there is";
static const char help_resolve[] =
	"A conflict that was kept is not listed again until a crawl finds something else.\n"
	"\n"
	"  tenon resolve sales.orders columns.amount.type --take-theirs\n"
	"  tenon resolve sales.orders --all --keep-mine\n";

static const struct command rows[] = {
	{"conflicts", "[DB[.TABLE]]", "Where crawls found otherwise than people say",
		"  tenon conflicts sales\n", no_flags, 0, 1, see_tables, run_conflicts},
	{"resolve", "DB.TABLE [FIELD]", "Decide who is right where a crawl found otherwise",
		help_resolve, resolve_flags, 1, 2, see_conflicts, run_resolve},
};

const struct commands conflict_commands = COMMANDS(rows);

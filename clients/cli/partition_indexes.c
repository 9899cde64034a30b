#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "tenon/v1/catalog.pb-c.h"

#include <assert.h>

#define CATALOG &tenon__v1__catalog__descriptor

static const char *state_word(Tenon__V1__PartitionIndexState state)
{
	switch (state) {
	case TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_CREATING:
		return "creating";
	case TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_ACTIVE:
		return "active";
	case TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_DELETING:
		return "deleting";
	case TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_FAILED:
		return "failed";
	case TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_UNSPECIFIED:
	case _TENON__V1__PARTITION_INDEX_STATE_IS_INT_SIZE:
		break;
	}
	return "unknown";
}

static const char *keys_text(struct arena *arena, const Tenon__V1__PartitionIndex *index)
{
	const char *text = "";
	for (size_t i = 0; i < index->n_keys; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : "", index->keys[i]);
	return text;
}

static void render(struct screen *screen, Tenon__V1__PartitionIndex *const *indexes, size_t count)
{
	static const struct grid_column columns[] = {{.title = "INDEX"}, {.title = "KEYS"},
		{.title = "STATE"}, {.title = "PARTITIONS", .number = true},
		{.title = "CREATED", .least = GRID_DATE}, {.title = "ERROR", .elastic = true}};
	struct grid *grid = grid_new(screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__PartitionIndex *index = indexes[i];
		grid_cell(grid, index->name);
		grid_cell(grid, keys_text(screen->arena, index));
		grid_cell(grid, state_word(index->state));
		grid_printf(grid, "%llu", (unsigned long long)index->entries);
		grid_cell(grid, human_time(screen->arena, index->create_time_us));
		grid_cell(grid, index->error[0] ? index->error : "-");
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE,
			"No partition indexes: 'tenon partition index add DB.TABLE NAME KEY...' "
			"makes one\n");
}

static enum status run_index_add(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreatePartitionIndexRequest request =
		TENON__V1__CREATE_PARTITION_INDEX_REQUEST__INIT;
	Tenon__V1__CreatePartitionIndexResponse *response = NULL;
	Tenon__V1__PartitionIndex index = TENON__V1__PARTITION_INDEX__INIT;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	index.name = arena_text(cli->arena, text_of(options->arguments[1]));
	index.keys = arena_array(cli->arena, options->count, sizeof *index.keys);
	for (size_t i = 2; i < options->count; i++)
		index.keys[index.n_keys++] = arena_text(cli->arena, text_of(options->arguments[i]));
	request.index = &index;
	TRY(cli_call(cli, CATALOG, "CreatePartitionIndex", &request.base, &response, err));
	assert(response && "the call succeeded");
	if (cli->json)
		return cli_json(cli, &response->base, err);
	bool active = response->index &&
		      response->index->state ==
			      TENON__V1__PARTITION_INDEX_STATE__PARTITION_INDEX_STATE_ACTIVE;
	screen_printf(&cli->screen, PAINT_NONE, "partition index '%s' of '%s.%s' is %s\n",
		index.name, request.database, request.table,
		active ? "there" : "being filled: 'tenon partition indexes' shows how far");
	return STATUS_OK;
}

static enum status run_index_list(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__ListPartitionIndexesRequest request =
		TENON__V1__LIST_PARTITION_INDEXES_REQUEST__INIT;
	Tenon__V1__ListPartitionIndexesResponse *response = NULL;
	struct cli_list list = {0};
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	TRY(cli_call(cli, CATALOG, "ListPartitionIndexes", &request.base, &response, err));
	assert(response && "the call succeeded");
	cli_list_add(cli, &list, response->indexes, response->n_indexes);
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render(&cli->screen, response->indexes, response->n_indexes);
	return STATUS_OK;
}

static enum status run_index_drop(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeletePartitionIndexRequest request =
		TENON__V1__DELETE_PARTITION_INDEX_REQUEST__INIT;
	Tenon__V1__DeletePartitionIndexResponse *response = NULL;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.table, err));
	request.name = arena_text(cli->arena, text_of(options->arguments[1]));
	TRY(cli_call(cli, CATALOG, "DeletePartitionIndex", &request.base, &response, err));
	assert(response && "the call succeeded");
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "partition index '%s' of '%s.%s' is dropped\n",
		request.name, request.database, request.table);
	return STATUS_OK;
}

static const char see_indexes[] = "'tenon partition indexes DB.TABLE' lists what there is";

enum { MOST = 2 + LIMIT_PARTITION_KEYS };

static const struct command rows[] = {
	{"partition index add", "DB.TABLE NAME KEY...",
		"Find partitions by other keys than the first",
		"An expression that fixes or bounds these keys is then looked up instead of\n"
		"walked. It never changes an answer. At most 3 of a table.\n"
		"\n"
		"  tenon partition index add sales.orders by_country country\n"
		"  tenon partition index add sales.orders by_day day country\n",
		no_flags, 3, MOST, see_tables, run_index_add},
	{"partition indexes", "DB.TABLE", "The partition indexes of a table, and how far they are",
		"  tenon partition indexes sales.orders\n", no_flags, 1, 1, see_tables,
		run_index_list},
	{"partition index drop", "DB.TABLE NAME", "Drop a partition index; the partitions stay",
		"  tenon partition index drop sales.orders by_day\n", no_flags, 2, 2, see_indexes,
		run_index_drop},
};

const struct commands partition_index_commands = COMMANDS(rows);

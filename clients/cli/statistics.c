#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "imports/glue.h"
#include "proto/json.h"
#include "tenon/v1/statistics.pb-c.h"

#include <assert.h>
#include <inttypes.h>

#define STATISTICS &tenon__v1__statistics__descriptor

enum { MOST = 1 + LIMIT_PAGE };

/* Whose they are: the table named first, and with --partition one of its partitions. */
struct place {
	char *database, *table;
	char **partition;
	size_t partition_count;
};

static enum status place_of(
	struct cli *cli, const struct options *options, struct place *place_out, struct error *err)
{
	const char *value;
	TRY(cli_table_name(
		cli, options->arguments[0], &place_out->database, &place_out->table, err));
	place_out->partition =
		arena_array(cli->arena, LIMIT_PARTITION_KEYS, sizeof *place_out->partition);
	place_out->partition_count = 0;
	while ((value = options_nth(options, "--partition", place_out->partition_count))) {
		if (place_out->partition_count == LIMIT_PARTITION_KEYS)
			return cli_usage(cli, err, "a partition has at most %d values",
				LIMIT_PARTITION_KEYS);
		place_out->partition[place_out->partition_count++] =
			arena_text(cli->arena, text_of(value));
	}
	return STATUS_OK;
}

#define SET_PLACE(request, place)                                  \
	do {                                                       \
		(request)->database = (place)->database;           \
		(request)->table = (place)->table;                 \
		(request)->partition = (place)->partition;         \
		(request)->n_partition = (place)->partition_count; \
	} while (0)

static char **columns_of(struct cli *cli, const struct options *options)
{
	char **columns = arena_array(cli->arena, options->count, sizeof *columns);
	for (size_t i = 1; i < options->count; i++)
		columns[i - 1] = arena_text(cli->arena, text_of(options->arguments[i]));
	return columns;
}

/* ---- show ---- */

/* What a kind of statistics says, as three cells: distinct values, least, most. */
struct cells {
	const char *distinct, *least, *most;
};

static const char *count(struct arena *arena, uint64_t number)
{
	return human_count(arena, number);
}

static const char *day(struct arena *arena, int64_t days)
{
	int64_t day_us = 86400 * (int64_t)1000000;
	const char *time = days > -1000000 && days < 1000000
				   ? human_time(arena, days ? days * day_us : 1)
				   : "-";
	return arena_text(arena, text_until(text_of(time), 10));
}

static struct cells cells_of(struct arena *arena, const Tenon__V1__ColumnStatistics *one)
{
	struct cells cells = {"-", "-", "-"};
	switch (one->data_case) {
	case TENON__V1__COLUMN_STATISTICS__DATA_BOOLEAN:
		cells.least = arena_printf(arena, "%s false", count(arena, one->boolean->falses));
		cells.most = arena_printf(arena, "%s true", count(arena, one->boolean->trues));
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA_LONG_VALUES:
		cells.distinct = count(arena, one->long_values->distinct);
		if (!one->long_values->has_range)
			break;
		cells.least = arena_printf(arena, "%" PRId64, one->long_values->minimum);
		cells.most = arena_printf(arena, "%" PRId64, one->long_values->maximum);
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA_DOUBLE_VALUES:
		cells.distinct = count(arena, one->double_values->distinct);
		if (!one->double_values->has_range)
			break;
		cells.least = arena_printf(arena, "%.15g", one->double_values->minimum);
		cells.most = arena_printf(arena, "%.15g", one->double_values->maximum);
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA_DECIMAL_VALUES:
		cells.distinct = count(arena, one->decimal_values->distinct);
		if (one->decimal_values->minimum[0])
			cells.least = one->decimal_values->minimum;
		if (one->decimal_values->maximum[0])
			cells.most = one->decimal_values->maximum;
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA_DATE_VALUES:
		cells.distinct = count(arena, one->date_values->distinct);
		if (!one->date_values->has_range)
			break;
		cells.least = day(arena, one->date_values->minimum_days);
		cells.most = day(arena, one->date_values->maximum_days);
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA_STRING_VALUES:
		cells.distinct = count(arena, one->string_values->distinct);
		cells.least =
			arena_printf(arena, "mean length %.4g", one->string_values->length_average);
		cells.most = arena_printf(
			arena, "length %s", count(arena, one->string_values->length_max));
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA_BINARY_VALUES:
		cells.least =
			arena_printf(arena, "mean length %.4g", one->binary_values->length_average);
		cells.most = arena_printf(
			arena, "length %s", count(arena, one->binary_values->length_max));
		break;
	case TENON__V1__COLUMN_STATISTICS__DATA__NOT_SET:
	case _TENON__V1__COLUMN_STATISTICS__DATA__CASE_IS_INT_SIZE:
		break;
	}
	return cells;
}

static void render(struct screen *screen, Tenon__V1__ColumnStatistics *const *list, size_t length)
{
	static const struct grid_column columns[] = {{.title = "COLUMN", .name = true},
		{.title = "TYPE"}, {.title = "NULLS", .number = true},
		{.title = "DISTINCT", .number = true}, {.title = "LEAST", .number = true},
		{.title = "MOST", .number = true}, {.title = "ANALYZED", .least = GRID_DATE}};
	struct grid *grid = grid_new(screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < length; i++) {
		struct cells cells = cells_of(screen->arena, list[i]);
		grid_cell(grid, list[i]->column);
		grid_cell(grid, list[i]->type);
		grid_cell(grid, count(screen->arena, list[i]->nulls));
		grid_cell(grid, cells.distinct);
		grid_cell(grid, cells.least);
		grid_cell(grid, cells.most);
		grid_cell(grid, human_time(screen->arena, list[i]->analyzed_time_us));
	}
	if (length)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE,
			"No statistics: 'tenon statistics put DB.TABLE FILE' brings them in\n");
}

/* Columns that were asked for and have none. */
static void say_missing(struct cli *cli, Tenon__V1__ItemError *const *errors, size_t length)
{
	for (size_t i = 0; i < length && !cli->json; i++)
		screen_printf(&cli->screen, PAINT_RED, "%s\n", errors[i]->message);
	cli->failed = cli->failed || length > 0;
}

static enum status run_show(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetColumnStatisticsRequest request =
		TENON__V1__GET_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__GetColumnStatisticsResponse *response = NULL;
	struct cli_list list = {0};
	struct place place;
	TRY(place_of(cli, options, &place, err));
	SET_PLACE(&request, &place);
	request.columns = columns_of(cli, options);
	request.n_columns = options->count - 1;
	TRY(cli_call(cli, STATISTICS, "GetColumnStatistics", &request.base, &response, err));
	assert(response && "the call succeeded");
	if (cli->json) {
		cli_list_add(cli, &list, response->statistics, response->n_statistics);
		TRY(cli_json_list(cli, &list, err));
	} else {
		render(&cli->screen, response->statistics, response->n_statistics);
	}
	say_missing(cli, response->errors, response->n_errors);
	return STATUS_OK;
}

/* ---- put ---- */

struct memory {
	struct text rest;
};

static enum status memory_read(
	void *state, char *at, size_t size, size_t *got_out, struct error *err)
{
	struct memory *memory = state;
	(void)err;
	*got_out = memory->rest.length < size ? memory->rest.length : size;
	if (*got_out)
		memcpy(at, memory->rest.at, *got_out);
	memory->rest = text_from(memory->rest, *got_out);
	return STATUS_OK;
}

/* What `aws glue get-column-statistics-for-table` prints; false in is_glue_out when the
 * file begins with something else. */
static enum status read_glue(struct cli *cli, struct text bytes, struct cli_list *list,
	bool *is_glue_out, struct error *err)
{
	struct memory memory = {bytes};
	OWNED(glue) glue = glue_new((struct byte_source){&memory, memory_read});
	struct import_notes *notes = arena_alloc(cli->arena, sizeof *notes);
	notes->arena = cli->arena;
	*is_glue_out = true;
	for (bool first = true;; first = false) {
		struct import_item item;
		bool found = false;
		enum status status = glue_next(glue, cli->arena, notes, &item, &found, err);
		bool ours = status == STATUS_OK && found && item.kind == IMPORT_STATISTICS;
		if (first && !ours) {
			*is_glue_out = false;
			return STATUS_OK;
		}
		TRY(status);
		if (!found)
			return STATUS_OK;
		if (item.why.status != STATUS_OK) {
			*err = item.why;
			return fail_within(err, "line %zu", item.line);
		}
		if (!ours)
			return fail(err, STATUS_INVALID_ARGUMENT,
				"line %zu: this is no column's statistics", item.line);
		cli_list_add(cli, list, &item.statistics, 1);
	}
}

/* What `tenon statistics show --json` prints: a list, which is a request's field. */
static enum status read_ours(
	struct cli *cli, struct text bytes, struct cli_list *list, struct error *err)
{
	Tenon__V1__UpdateColumnStatisticsRequest *read = NULL;
	struct text trimmed = text_trimmed(bytes);
	const char *json =
		trimmed.length && trimmed.at[0] == '{'
			? arena_text(cli->arena, trimmed)
			: arena_printf(cli->arena, "{\"statistics\": %.*s}", TEXT_ARG(trimmed));
	TRY(json_parse(text_of(json), &tenon__v1__update_column_statistics_request__descriptor,
		cli->arena, &read, err));
	cli_list_add(cli, list, read->statistics, read->n_statistics);
	return STATUS_OK;
}

static enum status read_file(
	struct cli *cli, const char *path, struct cli_list *list, struct error *err)
{
	struct text bytes = {NULL, 0};
	bool glue = false;
	TRY(file_read(cli->arena, path, &bytes, err));
	enum status status = read_glue(cli, bytes, list, &glue, err);
	if (status == STATUS_OK && !glue)
		status = read_ours(cli, bytes, list, err);
	return status == STATUS_OK ? STATUS_OK : fail_within(err, "%s", path);
}

static enum status run_put(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__UpdateColumnStatisticsRequest request =
		TENON__V1__UPDATE_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__UpdateColumnStatisticsResponse all =
		TENON__V1__UPDATE_COLUMN_STATISTICS_RESPONSE__INIT;
	struct cli_list list = {0};
	struct cli_list errors = {0};
	struct place place;
	TRY(place_of(cli, options, &place, err));
	TRY(read_file(cli, options->arguments[1], &list, err));
	SET_PLACE(&request, &place);
	for (size_t from = 0; from < list.count; from += LIMIT_PAGE) {
		Tenon__V1__UpdateColumnStatisticsResponse *response = NULL;
		size_t left = list.count - from;
		request.statistics = (Tenon__V1__ColumnStatistics **)(void *)list.items + from;
		request.n_statistics = left < LIMIT_PAGE ? left : LIMIT_PAGE;
		TRY(cli_call(
			cli, STATISTICS, "UpdateColumnStatistics", &request.base, &response, err));
		assert(response && "the call succeeded");
		for (size_t i = 0; i < response->n_errors; i++)
			response->errors[i]->index += (uint32_t)from;
		cli_list_add(cli, &errors, response->errors, response->n_errors);
	}
	all.errors = (Tenon__V1__ItemError **)(void *)errors.items;
	all.n_errors = errors.count;
	say_missing(cli, all.errors, all.n_errors);
	if (cli->json)
		return cli_json(cli, &all.base, err);
	screen_printf(&cli->screen, PAINT_NONE, "%s of '%s.%s' put, %s failed\n",
		human_things(cli->arena, list.count - errors.count, "column"), place.database,
		place.table, human_count(cli->arena, errors.count));
	return STATUS_OK;
}

/* ---- drop ---- */

static enum status run_drop(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteColumnStatisticsRequest request =
		TENON__V1__DELETE_COLUMN_STATISTICS_REQUEST__INIT;
	Tenon__V1__DeleteColumnStatisticsResponse *response = NULL;
	struct place place;
	TRY(place_of(cli, options, &place, err));
	SET_PLACE(&request, &place);
	request.columns = columns_of(cli, options);
	request.n_columns = options->count - 1;
	TRY(cli_call(cli, STATISTICS, "DeleteColumnStatistics", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "statistics of %s of '%s.%s' are gone\n",
		request.n_columns ? human_things(cli->arena, request.n_columns, "column")
				  : "all columns",
		place.database, place.table);
	return STATUS_OK;
}

static const struct flag place_flags[] = {
	{"--partition", 0, "VALUE", "of this partition: once for each of its keys, in order"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"statistics show", "DB.TABLE [COLUMN...]", "What is known of a table's columns",
		"What was put with 'statistics put'. A column that is dropped or gets another "
		"type\n"
		"loses them, in partitions too.\n"
		"\n"
		"  tenon statistics show sales.orders price --partition 2013 --partition 07\n",
		place_flags, 1, MOST, see_tables, run_show},
	{"statistics put", "DB.TABLE FILE", "Bring in what is known of a table's columns",
		"FILE ('-': standard input) holds what 'statistics show --json' prints, or\n"
		"'aws glue get-column-statistics-for-table' or '-for-partition'.\n"
		"\n"
		"  aws glue get-column-statistics-for-table --database-name sales \\\n"
		"    --table-name orders --column-names price > price.json\n"
		"  tenon statistics put sales.orders price.json\n",
		place_flags, 2, 2, see_tables, run_put},
	{"statistics drop", "DB.TABLE [COLUMN...]", "Forget what is known of columns, or of all",
		"  tenon statistics drop sales.orders price\n", place_flags, 1, MOST, see_tables,
		run_drop},
};

const struct commands statistics_commands = COMMANDS(rows);

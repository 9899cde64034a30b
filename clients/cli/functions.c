#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "tenon/v1/functions.pb-c.h"

#include <string.h>

#define FUNCTIONS &tenon__v1__functions__descriptor

/* The words that files and arguments use for a kind of resource, in the enum's order. */
static const char *const resource_words[] = {NULL, "JAR", "FILE", "ARCHIVE"};
static const size_t resource_words_count = sizeof resource_words / sizeof *resource_words;

static const char *resources_of(struct arena *arena, const Tenon__V1__Function *function)
{
	if (function->n_resources == 0)
		return "-";
	return function->n_resources == 1
		       ? function->resources[0]->uri
		       : arena_printf(arena, "%s and %zu more", function->resources[0]->uri,
				 function->n_resources - 1);
}

static void render(struct screen *screen, Tenon__V1__Function *const *functions, size_t count)
{
	static const struct grid_column columns[] = {{.title = "FUNCTION", .name = true},
		{.title = "CLASS"}, {.title = "CREATED", .least = GRID_DATE},
		{.title = "RESOURCES", .elastic = true}};
	struct grid *grid = grid_new(screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Function *function = functions[i];
		grid_cell(grid, place_text(screen->arena, function->database, function->name));
		grid_cell(grid, function->class_name);
		grid_cell(grid, human_time(screen->arena, function->create_time_us));
		grid_cell(grid, resources_of(screen->arena, function));
	}
	if (count)
		grid_draw(grid, "");
	else
		screen_text(screen, PAINT_NONE,
			"No functions: 'tenon function create DB.NAME --class C' makes one\n");
}

static enum status run_functions(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListFunctionsRequest request = TENON__V1__LIST_FUNCTIONS_REQUEST__INIT;
	const char *pattern = options_value(options, "--pattern");
	if (options->count)
		request.database = arena_text(cli->arena, text_of(options->arguments[0]));
	if (pattern)
		request.pattern = arena_text(cli->arena, text_of(pattern));
	TRY(cli_pages(cli, FUNCTIONS, "ListFunctions", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render(&cli->screen, (Tenon__V1__Function *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

/* "JAR:s3://lake/udf.jar": the kind ends at the first ':'. */
static enum status resource_read(struct cli *cli, const char *word,
	Tenon__V1__FunctionResource **resource_out, struct error *err)
{
	struct text text = text_of(word);
	size_t colon = text_find(text, ':');
	size_t type = 1;
	while (type < resource_words_count &&
		!text_equal_folded(text_until(text, colon), text_of(resource_words[type])))
		type++;
	if (type == resource_words_count || colon + 1 >= text.length)
		return cli_usage(
			cli, err, "--resource '%s': give JAR:URI, FILE:URI or ARCHIVE:URI", word);
	Tenon__V1__FunctionResource *resource = arena_alloc(cli->arena, sizeof *resource);
	tenon__v1__function_resource__init(resource);
	resource->type = (Tenon__V1__ResourceType)type;
	TRY(path_beside(cli->arena, "-", word + colon + 1, &resource->uri, err));
	*resource_out = resource;
	return STATUS_OK;
}

static enum status resources_read(struct cli *cli, const struct options *options,
	Tenon__V1__Function *function, struct error *err)
{
	size_t count = 0;
	while (options_nth(options, "--resource", count))
		count++;
	function->resources = arena_array(cli->arena, count, sizeof *function->resources);
	function->n_resources = count;
	for (size_t i = 0; i < count; i++)
		TRY(resource_read(
			cli, options_nth(options, "--resource", i), &function->resources[i], err));
	return STATUS_OK;
}

static enum status run_function_create(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreateFunctionRequest request = TENON__V1__CREATE_FUNCTION_REQUEST__INIT;
	Tenon__V1__Function function = TENON__V1__FUNCTION__INIT;
	Tenon__V1__CreateFunctionResponse *response = NULL;
	const char *class_name = options_value(options, "--class");
	if (!class_name)
		return cli_usage(cli, err, "which class? give --class NAME");
	TRY(cli_table_name(cli, options->arguments[0], &function.database, &function.name, err));
	TRY(resources_read(cli, options, &function, err));
	function.class_name = arena_text(cli->arena, text_of(class_name));
	request.function = &function;
	TRY(cli_call(cli, FUNCTIONS, "CreateFunction", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "function '%s.%s' is there\n", function.database,
		function.name);
	return STATUS_OK;
}

static enum status run_function_drop(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteFunctionRequest request = TENON__V1__DELETE_FUNCTION_REQUEST__INIT;
	Tenon__V1__DeleteFunctionResponse *response = NULL;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	TRY(cli_call(cli, FUNCTIONS, "DeleteFunction", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "function '%s.%s' is dropped; its files stay\n",
		request.database, request.name);
	return STATUS_OK;
}

static const struct flag functions_flags[] = {
	{"--pattern", 0, "PATTERN", "only names that match: '*' is anything, '|' separates"},
	{NULL, 0, NULL, NULL},
};
static const struct flag function_create_flags[] = {
	{"--class", 0, "CLASS", "what the engine calls"},
	{"--resource", 0, "KIND:URI", "JAR, FILE or ARCHIVE that has it; may be repeated"},
	{NULL, 0, NULL, NULL},
};
static const char see_functions[] = "'tenon functions' lists what there is";

static const struct command rows[] = {
	{"functions", "[DB]", "The user-defined functions",
		"  tenon functions sales --pattern 'to_*|from_*'\n", functions_flags, 0, 1,
		see_databases, run_functions},
	{"function create", "DB.NAME", "Register a user-defined function",
		"It is registered for engines that ask the catalog; Tenon's own does not run it.\n"
		"\n"
		"  tenon function create sales.to_eur --class com.acme.ToEur "
		"--resource JAR:/lake/udf.jar\n",
		function_create_flags, 1, 1, see_databases, run_function_create},
	{"function drop", "DB.NAME", "Forget a user-defined function; its files stay",
		"  tenon function drop sales.to_eur\n", no_flags, 1, 1, see_functions,
		run_function_drop},
};

const struct commands function_commands = COMMANDS(rows);

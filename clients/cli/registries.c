#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "tenon/v1/registry.pb-c.h"

#define REGISTRY &tenon__v1__registry__descriptor

const char see_registries[] = "'tenon registries' lists what there is";

static enum status run_registries(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {{.title = "REGISTRY", .name = true},
		{.title = "SCHEMAS", .number = true}, {.title = "DESCRIPTION", .elastic = true}};
	struct cli_list list = {0};
	Tenon__V1__ListRegistriesRequest request = TENON__V1__LIST_REGISTRIES_REQUEST__INIT;
	(void)options;
	TRY(cli_pages(cli, REGISTRY, "ListRegistries", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	if (list.count == 0)
		screen_text(&cli->screen, PAINT_NONE,
			"No registries: 'tenon schema create NAME FILE' makes one with a schema\n");
	struct grid *grid = grid_new(&cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < list.count; i++) {
		const Tenon__V1__SchemaRegistry *registry =
			(const Tenon__V1__SchemaRegistry *)(void *)list.items[i];
		grid_cell(grid, registry->name);
		grid_cell(grid, human_count(cli->arena, registry->schema_count));
		grid_cell(grid, registry->description);
	}
	if (list.count)
		grid_draw(grid, "");
	return STATUS_OK;
}

static enum status run_registry_create(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreateRegistryRequest request = TENON__V1__CREATE_REGISTRY_REQUEST__INIT;
	Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
	Tenon__V1__CreateRegistryResponse *response = NULL;
	const char *description = options_value(options, "--description");
	registry.name = arena_text(cli->arena, text_of(options->arguments[0]));
	registry.description = arena_text(cli->arena, text_of(description ? description : ""));
	request.registry = &registry;
	TRY(cli_call(cli, REGISTRY, "CreateRegistry", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "registry '%s' is created\n", registry.name);
	return STATUS_OK;
}

static enum status run_registry_set(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__UpdateRegistryRequest request = TENON__V1__UPDATE_REGISTRY_REQUEST__INIT;
	Tenon__V1__UpdateRegistryResponse *response = NULL;
	const char *description = options_value(options, "--description");
	if (!description)
		return cli_usage(cli, err, "set what? give --description TEXT");
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	request.description = arena_text(cli->arena, text_of(description));
	TRY(cli_call(cli, REGISTRY, "UpdateRegistry", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "registry '%s' is updated\n", request.name);
	return STATUS_OK;
}

static enum status run_registry_drop(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteRegistryRequest request = TENON__V1__DELETE_REGISTRY_REQUEST__INIT;
	Tenon__V1__DeleteRegistryResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, REGISTRY, "DeleteRegistry", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "registry '%s' is dropped with its schemas\n",
		request.name);
	return STATUS_OK;
}

static const struct flag description_flags[] = {
	{"--description", 0, "TEXT", "what it is for"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"registries", "", "The registries of schemas", "  tenon registries\n", no_flags, 0, 0,
		NULL, run_registries},
	{"registry create", "NAME", "Create a registry of schemas",
		"'default-registry' makes itself when a schema needs it.\n"
		"\n"
		"  tenon registry create shop --description 'what the shop sends'\n",
		description_flags, 1, 1, NULL, run_registry_create},
	{"registry set", "NAME", "Describe a registry",
		"  tenon registry set shop --description 'what the shop sends'\n",
		description_flags, 1, 1, see_registries, run_registry_set},
	{"registry drop", "NAME", "Drop a registry with its schemas and all their versions",
		"  tenon registry drop shop\n", no_flags, 1, 1, see_registries, run_registry_drop},
};

const struct commands registry_commands = COMMANDS(rows);

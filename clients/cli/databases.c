#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/render.h"

#define CATALOG &tenon__v1__catalog__descriptor

static enum status run_databases(struct cli *cli, const struct options *options, struct error *err)
{
	(void)options;
	struct cli_list list = {0};
	Tenon__V1__ListDatabasesRequest request = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	TRY(cli_pages(cli, CATALOG, "ListDatabases", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render_databases(
		&cli->screen, (Tenon__V1__Database *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

static enum status run_database_create(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreateDatabaseRequest request = TENON__V1__CREATE_DATABASE_REQUEST__INIT;
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__CreateDatabaseResponse *response = NULL;
	const char *description = options_value(options, "--description");
	const char *location = options_value(options, "--location");
	database.name = arena_text(cli->arena, text_of(options->arguments[0]));
	if (description)
		database.description = arena_text(cli->arena, text_of(description));
	if (location) /* beside a file of this folder; it need not be there yet */
		TRY(path_beside(cli->arena, "-", location, &database.location, err));
	request.database = &database;
	request.if_not_exists = options_has(options, "--if-not-exists");
	TRY(cli_call(cli, CATALOG, "CreateDatabase", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "database '%s' is there\n",
		response->database ? response->database->name : database.name);
	return STATUS_OK;
}

static enum status run_database_drop(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteDatabaseRequest request = TENON__V1__DELETE_DATABASE_REQUEST__INIT;
	Tenon__V1__DeleteDatabaseResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	request.cascade = options_has(options, "--cascade");
	TRY(cli_call(cli, CATALOG, "DeleteDatabase", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE,
		"database '%s' is dropped; the data files stay, and 'tenon undrop' brings it "
		"back\n",
		request.name);
	return STATUS_OK;
}

static enum status run_database_update(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetDatabaseRequest get = TENON__V1__GET_DATABASE_REQUEST__INIT;
	Tenon__V1__GetDatabaseResponse *got = NULL;
	Tenon__V1__UpdateDatabaseRequest request = TENON__V1__UPDATE_DATABASE_REQUEST__INIT;
	Tenon__V1__UpdateDatabaseResponse *response = NULL;
	const char *description = options_value(options, "--description");
	const char *location = options_value(options, "--location");
	if (!description && !location)
		return cli_usage(cli, err, "say what to change: --description or --location");
	get.name = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, CATALOG, "GetDatabase", &get.base, &got, err));
	if (!got->database)
		return fail(
			err, STATUS_INTERNAL, "the daemon's answer about '%s' is empty", get.name);
	if (description)
		got->database->description = arena_text(cli->arena, text_of(description));
	if (location)
		TRY(path_beside(cli->arena, "-", location, &got->database->location, err));
	request.name = get.name;
	request.database = got->database;
	TRY(cli_call(cli, CATALOG, "UpdateDatabase", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "database '%s' updated\n", get.name);
	return STATUS_OK;
}

static const struct flag database_create_flags[] = {
	{"--description", 0, "TEXT", "what is in it"},
	{"--location", 0, "PATH", "where its tables are, unless they say otherwise"},
	{"--if-not-exists", 0, NULL, "fine when it is there already"},
	{NULL, 0, NULL, NULL},
};
static const struct flag database_update_flags[] = {
	{"--description", 0, "TEXT", "what is in it; '' clears it"},
	{"--location", 0, "PATH", "where its tables are, unless they say otherwise"},
	{NULL, 0, NULL, NULL},
};
static const struct flag database_drop_flags[] = {
	{"--cascade", 0, NULL, "with its tables"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"databases", "", "The databases", "  tenon databases\n", no_flags, 0, 0, NULL,
		run_databases},
	{"database create", "NAME", "Make a database",
		"  tenon database create sales --description 'what the shop writes'\n",
		database_create_flags, 1, 1, NULL, run_database_create},
	{"database update", "NAME", "Change what is said of a database",
		"What is not given stays as it is.\n"
		"\n"
		"  tenon database update sales --description 'orders and invoices'\n",
		database_update_flags, 1, 1, see_databases, run_database_update},
	{"database drop", "NAME", "Forget a database; its data files stay",
		"  tenon database drop sales --cascade\n", database_drop_flags, 1, 1, see_databases,
		run_database_drop},
};

const struct commands database_commands = COMMANDS(rows);

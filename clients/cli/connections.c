#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/grid.h"
#include "tenon/v1/connections.pb-c.h"

#define CONNECTIONS &tenon__v1__connections__descriptor

static void render_connection(struct screen *screen, const Tenon__V1__Connection *connection)
{
	static const struct grid_column columns[] = {
		{.title = "PROPERTY"}, {.title = "VALUE", .elastic = true}};
	screen_printf(screen, PAINT_BOLD, "%s", connection->name);
	screen_printf(screen, PAINT_NONE, "  %s%s%s\n", connection->type,
		*connection->description ? "  " : "", connection->description);
	struct grid *grid = grid_new(screen, columns, 2);
	for (size_t i = 0; i < connection->n_properties; i++) {
		grid_cell(grid, connection->properties[i]->key);
		grid_cell(grid, connection->properties[i]->value);
	}
	grid_draw(grid, "  ");
}

static enum status run_connections(
	struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {{.title = "CONNECTION", .name = true},
		{.title = "TYPE"}, {.title = "DESCRIPTION", .elastic = true}};
	struct cli_list list = {0};
	Tenon__V1__ListConnectionsRequest request = TENON__V1__LIST_CONNECTIONS_REQUEST__INIT;
	const char *type = options_value(options, "--type");
	if (type)
		request.type = arena_text(cli->arena, text_of(type));
	TRY(cli_pages(cli, CONNECTIONS, "ListConnections", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	if (list.count == 0) {
		screen_text(&cli->screen, PAINT_NONE,
			"No connections yet: 'tenon connection put FILE' makes one\n");
		return STATUS_OK;
	}
	struct grid *grid = grid_new(&cli->screen, columns, 3);
	for (size_t i = 0; i < list.count; i++) {
		const Tenon__V1__Connection *connection =
			(const Tenon__V1__Connection *)(void *)list.items[i];
		grid_cell(grid, connection->name);
		grid_cell(grid, connection->type);
		grid_cell(grid, connection->description);
	}
	grid_draw(grid, "");
	return STATUS_OK;
}

static enum status run_connection_show(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetConnectionRequest request = TENON__V1__GET_CONNECTION_REQUEST__INIT;
	Tenon__V1__GetConnectionResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	request.with_secrets = options_has(options, "--with-secrets");
	TRY(cli_call(cli, CONNECTIONS, "GetConnection", &request.base, &response, err));
	if (!response->connection)
		return fail(err, STATUS_INTERNAL, "the daemon's answer about '%s' is empty",
			request.name);
	if (cli->json)
		return cli_json(cli, &response->connection->base, err);
	render_connection(&cli->screen, response->connection);
	return STATUS_OK;
}

static enum status run_connection_put(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__PutConnectionRequest request = TENON__V1__PUT_CONNECTION_REQUEST__INIT;
	Tenon__V1__PutConnectionResponse *response = NULL;
	TRY(file_message(cli->arena, options->arguments[0], &tenon__v1__connection__descriptor,
		&request.connection, err));
	TRY(cli_call(cli, CONNECTIONS, "PutConnection", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "connection '%s' is %s\n", request.connection->name,
		response->created ? "created" : "updated");
	return STATUS_OK;
}

static enum status run_connection_drop(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteConnectionsRequest request = TENON__V1__DELETE_CONNECTIONS_REQUEST__INIT;
	Tenon__V1__DeleteConnectionsResponse *response = NULL;
	char *name = arena_text(cli->arena, text_of(options->arguments[0]));
	request.names = &name;
	request.n_names = 1;
	TRY(cli_call(cli, CONNECTIONS, "DeleteConnections", &request.base, &response, err));
	if (response->n_errors)
		return fail(err, (enum status)response->errors[0]->code, "%s",
			response->errors[0]->message);
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "connection '%s' is dropped\n", name);
	return STATUS_OK;
}

static const struct flag connections_flags[] = {
	{"--type", 0, "TYPE", "only those of this type, e.g. JDBC"},
	{NULL, 0, NULL, NULL},
};
static const struct flag connection_show_flags[] = {
	{"--with-secrets", 0, NULL, "with passwords instead of ***"},
	{NULL, 0, NULL, NULL},
};
static const char see_connections[] = "'tenon connections' lists what there is";

static const struct command rows[] = {
	{"connections", "", "How to reach databases, brokers, services", "  tenon connections\n",
		connections_flags, 0, 0, NULL, run_connections},
	{"connection show", "NAME", "One connection; its secrets read ***",
		"  tenon connection show warehouse --json > warehouse.json\n",
		connection_show_flags, 1, 1, see_connections, run_connection_show},
	{"connection put", "FILE", "Create or replace a connection from YAML or JSON",
		"A secret (PASSWORD, anything that ends in PASSWORD, SECRET, TOKEN or "
		"PRIVATE_KEY,\n"
		"and the keys in secret_keys, or a password inside a URL) that reads *** stays as\n"
		"it is.\n"
		"\n"
		"  name: warehouse\n"
		"  type: JDBC\n"
		"  properties:\n"
		"    JDBC_CONNECTION_URL: jdbc:postgresql://127.0.0.1/shop\n"
		"    USERNAME: etl\n"
		"    PASSWORD: '...'\n"
		"\n"
		"  tenon connection put warehouse.yaml\n",
		no_flags, 1, 1, NULL, run_connection_put},
	{"connection drop", "NAME", "Forget a connection", "  tenon connection drop warehouse\n",
		no_flags, 1, 1, see_connections, run_connection_drop},
};

const struct commands connection_commands = COMMANDS(rows);

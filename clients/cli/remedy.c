#include "clients/cli/remedy.h"

#include "base/nearest.h"
#include "clients/cli/names.h"
#include "tenon/v1/catalog.pb-c.h"

#include <string.h>

#define CATALOG &tenon__v1__catalog__descriptor

/* How many names are looked through, and how long that may take: it is only a hint. */
enum { PAGE = 1000, PAGES = 10, PATIENCE_MS = 2000 };

/* Between the first `begin` in `message` and the `end` that follows it. */
static bool between(const char *message, const char *begin, const char *end, struct text *out)
{
	const char *start = strstr(message, begin);
	if (!start)
		return false;
	start += strlen(begin);
	const char *stop = strstr(start, end);
	if (!stop)
		return false;
	*out = (struct text){start, (size_t)(stop - start)};
	return true;
}

static bool ask(struct cli *cli, const char *method, const ProtobufCMessage *request, void *out)
{
	struct rpc_channel *channel = NULL;
	struct error unused;
	return cli_channel(cli, &channel, &unused) == STATUS_OK &&
	       rpc_invoke(channel, CATALOG, method, request, PATIENCE_MS, cli->arena, out,
		       &unused) == STATUS_OK;
}

static const char *near_table(struct cli *cli, struct text database, struct text name)
{
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	const char **names = arena_array(cli->arena, (size_t)PAGE * PAGES, sizeof *names);
	size_t count = 0;
	request.database = arena_text(cli->arena, database);
	request.page_size = PAGE;
	request.names_only = true;
	do {
		Tenon__V1__ListTablesResponse *page = NULL;
		if (!ask(cli, "ListTables", &request.base, &page))
			break;
		for (size_t i = 0; i < page->n_tables && count < (size_t)PAGE * PAGES; i++)
			names[count++] = page->tables[i]->name;
		request.page_token = page->next_page_token;
	} while (request.page_token[0] && count < (size_t)PAGE * PAGES);
	return nearest(name, names, count);
}

/* One page of databases; the call's memory holds them. */
static size_t databases(struct cli *cli, const char ***names_out)
{
	Tenon__V1__ListDatabasesRequest request = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	Tenon__V1__ListDatabasesResponse *page = NULL;
	request.page_size = PAGE;
	if (!ask(cli, "ListDatabases", &request.base, &page))
		return 0;
	*names_out = arena_array(cli->arena, page->n_databases + 1, sizeof **names_out);
	for (size_t i = 0; i < page->n_databases; i++)
		(*names_out)[i] = page->databases[i]->name;
	return page->n_databases;
}

/* "my.db.orders" when there is a database "my.db". */
static const char *meant_with_point(
	struct cli *cli, const char *const *names, size_t count, const char *typed)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);
		if (strchr(names[i], '.') && strlen(typed) > length + 1 && typed[length] == '.' &&
			text_equal_folded(text_until(text_of(typed), length), text_of(names[i])))
			return place_text(cli->arena, names[i], typed + length + 1);
	}
	return NULL;
}

static const char *did_you_mean(struct cli *cli, const char *name, const char *look)
{
	return arena_printf(
		cli->arena, "did you mean '%s'?%s%s", name, look ? " " : "", look ? look : "");
}

static const char *about_database(struct cli *cli, struct text name)
{
	const char **names = NULL;
	size_t count = databases(cli, &names);
	const char *meant =
		cli->ambiguous ? meant_with_point(cli, names, count, cli->ambiguous) : NULL;
	if (!meant)
		meant = nearest(name, names, count);
	return meant ? did_you_mean(cli, meant, see_databases) : see_databases;
}

static const char *about_table(struct cli *cli, struct text name, struct text database)
{
	const char *see = arena_printf(
		cli->arena, "'tenon tables %.*s' lists what there is", TEXT_ARG(database));
	const char *close = near_table(cli, database, name);
	if (!close)
		return see;
	return did_you_mean(
		cli, place_text(cli->arena, arena_text(cli->arena, database), close), see);
}

/* What is missing says better than the command where to look. */
static const char *where_to_look(
	struct cli *cli, const struct command *command, const char *message)
{
	struct text name;
	struct text database;
	const char *missing = command ? command->missing : NULL;
	if (text_starts(text_of(message), TEXT("schema '")) && strstr(message, " has no version "))
		return "'tenon schema versions SCHEMA' lists its versions";
	if (between(message, "no table '", "' in database '", &name) &&
		between(message, "' in database '", "'", &database))
		return about_table(cli, name, database);
	if (between(message, "no database '", "'", &name))
		return about_database(cli, name);
	if (missing != see_tables)
		return missing;
	if (between(message, "table '", "' has no version ", &name) &&
		text_find(name, '.') == text_find_last(name, '.'))
		return arena_printf(
			cli->arena, "'tenon history %.*s' lists its versions", TEXT_ARG(name));
	if (strstr(message, " has no version "))
		return "'tenon history DB.TABLE' lists its versions";
	if (strstr(message, "no partition '"))
		return "'tenon partitions DB.TABLE' lists what there is";
	return missing;
}

static const char *unavailable(const char *message)
{
	if (strstr(message, "did not say a word") || strstr(message, "nobody took the connection"))
		return "--timeout 1m waits longer";
	/* Else the words say what TLS did not like. */
	return strstr(message, "no tenond answers") || strstr(message, "is the address right")
		       ? "say where the daemon is with --address or TENON_ADDRESS"
		       : NULL;
}

/* The server knows only its half of it. */
const char *remedy(struct cli *cli, const struct command *command, const struct error *err)
{
	switch (err->status) {
	case STATUS_UNAVAILABLE:
		return unavailable(err->message);
	case STATUS_UNAUTHENTICATED:
		return "say who you are with --token-file, TENON_TOKEN or a certificate "
		       "(--tls-cert): see docs/security.md";
	case STATUS_UNIMPLEMENTED:
		return "this daemon does not do that yet: see docs/status.md";
	case STATUS_DEADLINE_EXCEEDED:
		return "the daemon's log may say why; --timeout 5m waits longer";
	case STATUS_ABORTED:
		return "someone else changed it meanwhile: look again and retry";
	case STATUS_NOT_FOUND:
		return where_to_look(cli, command, err->message);
	case STATUS_OK:
	case STATUS_CANCELLED:
	case STATUS_UNKNOWN:
	case STATUS_INVALID_ARGUMENT:
	case STATUS_ALREADY_EXISTS:
	case STATUS_PERMISSION_DENIED:
	case STATUS_RESOURCE_EXHAUSTED:
	case STATUS_FAILED_PRECONDITION:
	case STATUS_OUT_OF_RANGE:
	case STATUS_INTERNAL:
	case STATUS_DATA_LOSS:
		break;
	}
	return NULL;
}

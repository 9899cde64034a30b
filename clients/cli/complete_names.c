#include "clients/cli/complete.h"

#include "clients/cli/names.h"
#include "tenon/v1/access.pb-c.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/connections.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/jobs.pb-c.h"
#include "tenon/v1/registry.pb-c.h"
#include "tenon/v1/tags.pb-c.h"

#include <inttypes.h>
#include <time.h>

/* How many names are looked through, and how long that may take. */
enum { PAGE = 1000, PAGES = 10, PATIENCE_S = 2 };

#define ACCESS	    &tenon__v1__access__descriptor
#define CATALOG	    &tenon__v1__catalog__descriptor
#define CONNECTIONS &tenon__v1__connections__descriptor
#define FEED	    &tenon__v1__feed__descriptor
#define FUNCTIONS   &tenon__v1__functions__descriptor
#define JOBS	    &tenon__v1__jobs__descriptor
#define REGISTRY    &tenon__v1__registry__descriptor
#define TAGS	    &tenon__v1__tags__descriptor

/* Names that one method lists: the field `name` of each row of its answer, behind `prefix`
 * or the row's field `within`. */
struct listing {
	const ProtobufCServiceDescriptor *service;
	const char *method;
	const char *name;
	const char *about; /* another field of a row, or NULL */
	const char *within; /* the field that stands before it, or NULL */
	char separator; /* between the two */
	const char *prefix; /* before all, or NULL */
	bool of_table; /* the request's database and name (or table) are the first argument */
	const char *of; /* the request's field that is the first argument, or NULL */
};

static const struct listing databases = {CATALOG, "ListDatabases", "name", .about = "description"};
static const struct listing jobs = {JOBS, "ListJobs", "name", .about = "description"};
static const struct listing runs = {JOBS, "ListRuns", "id", .about = "job"};
static const struct listing connections = {
	CONNECTIONS, "ListConnections", "name", .about = "description"};
static const struct listing registries = {
	REGISTRY, "ListRegistries", "name", .about = "description"};
static const struct listing schemas = {REGISTRY, "ListSchemas", "name", .about = "description",
	.within = "registry", .separator = '/'};
static const struct listing webhooks = {FEED, "ListWebhooks", "name", .about = "url"};
static const struct listing tokens = {ACCESS, "ListTokens", "id", .about = "principal"};
static const struct listing holders = {ACCESS, "ListTokens", .name = "principal"};
static const struct listing grantees = {ACCESS, "ListGrants", .name = "principal"};
static const struct listing functions = {FUNCTIONS, "ListFunctions", "name", .about = "class_name",
	.within = "database", .separator = '.'};
static const struct listing versions = {
	CATALOG, "ListTableVersions", "version", .about = "author", .of_table = true};
static const struct listing conflicts = {
	CATALOG, "ListConflicts", "path", .about = "kept", .of_table = true};
static const struct listing indexes = {CATALOG, "ListPartitionIndexes", "name", .of_table = true};
static const struct listing tags = {TAGS, "GetTags", "key", .about = "value", .of = "resource"};
static const struct listing job_resources = {JOBS, "ListJobs", "name", .prefix = "job/"};
static const struct listing connection_resources = {
	CONNECTIONS, "ListConnections", "name", .prefix = "connection/"};
static const struct listing registry_resources = {
	REGISTRY, "ListRegistries", "name", .prefix = "registry/"};
static const struct listing schema_resources = {REGISTRY, "ListSchemas", "name",
	.within = "registry", .separator = '/', .prefix = "schema/"};

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name)
{
	return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

static void *at(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return (char *)message + field->offset;
}

static void set_text(ProtobufCMessage *message, const char *name, char *value)
{
	const ProtobufCFieldDescriptor *field = field_of(message, name);
	if (field && field->type == PROTOBUF_C_TYPE_STRING)
		*(char **)at(message, field) = value;
}

static const char *text_in(struct cli *cli, ProtobufCMessage *message, const char *name)
{
	const ProtobufCFieldDescriptor *field = name ? field_of(message, name) : NULL;
	if (field && field->type == PROTOBUF_C_TYPE_STRING)
		return *(char **)at(message, field);
	if (field && field->type == PROTOBUF_C_TYPE_UINT64)
		return arena_printf(cli->arena, "%" PRIu64, *(uint64_t *)at(message, field));
	return "";
}

/* What a listing asks; false when that is of a table that was not named. */
static bool request_fill(struct cli *cli, const struct listing *listing,
	const char *const *arguments, size_t count, ProtobufCMessage *request)
{
	struct error unused;
	char *database;
	char *table;
	if ((listing->of_table || listing->of) && count == 0)
		return false;
	if (listing->of)
		set_text(request, listing->of, arena_text(cli->arena, text_of(arguments[0])));
	if (!listing->of_table)
		return true;
	if (cli_table_name(cli, arguments[0], &database, &table, &unused) != STATUS_OK)
		return false;
	set_text(request, "database", database);
	set_text(request, "name", table);
	set_text(request, "table", table);
	return true;
}

static const ProtobufCMethodDescriptor *method_of(const struct listing *listing)
{
	return protobuf_c_service_descriptor_get_method_by_name(listing->service, listing->method);
}

static int64_t now_s(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Each page of a listing to `take`, until there is no more, or no answer. */
static void pages(struct cli *cli, const struct listing *listing, ProtobufCMessage *request,
	void (*take)(ProtobufCMessage *row, void *state), void *state)
{
	int64_t end = now_s() + PATIENCE_S + cli->timeout_ms / 1000;
	for (unsigned page = 0; page < PAGES && now_s() <= end; page++) {
		ProtobufCMessage *answer = NULL;
		struct error unused;
		if (cli_call(cli, listing->service, listing->method, request, &answer, &unused))
			return;
		const char *next = text_in(cli, answer, "next_page_token");
		for (unsigned i = 0; i < answer->descriptor->n_fields; i++) {
			const ProtobufCFieldDescriptor *field = &answer->descriptor->fields[i];
			if (field->label != PROTOBUF_C_LABEL_REPEATED)
				continue;
			ProtobufCMessage **rows = *(ProtobufCMessage ***)at(answer, field);
			size_t rows_count =
				*(size_t *)(void *)((char *)answer + field->quantifier_offset);
			for (size_t row = 0; row < rows_count; row++)
				take(rows[row], state);
		}
		if (!next[0])
			return;
		set_text(request, "page_token", arena_text(cli->arena, text_of(next)));
	}
}

static ProtobufCMessage *request_new(struct cli *cli, const struct listing *listing)
{
	const ProtobufCMessageDescriptor *input = method_of(listing)->input;
	ProtobufCMessage *request = arena_alloc(cli->arena, input->sizeof_message);
	protobuf_c_message_init(input, request);
	const ProtobufCFieldDescriptor *size = field_of(request, "page_size");
	if (size)
		*(uint32_t *)at(request, size) = PAGE;
	return request;
}

struct taking {
	struct candidates *found;
	const struct listing *listing;
};

static void take_name(ProtobufCMessage *row, void *state)
{
	const struct taking *taking = state;
	const struct listing *listing = taking->listing;
	struct cli *cli = taking->found->cli;
	const char *name = text_in(cli, row, listing->name);
	if (listing->within)
		name = arena_printf(cli->arena, "%s%c%s", text_in(cli, row, listing->within),
			listing->separator, name);
	if (listing->prefix)
		name = arena_printf(cli->arena, "%s%s", listing->prefix, name);
	candidate_add(taking->found, name, text_in(cli, row, listing->about));
}

static void add_listed(struct candidates *found, const struct listing *listing,
	const char *const *arguments, size_t count)
{
	struct taking taking = {found, listing};
	ProtobufCMessage *request = request_new(found->cli, listing);
	if (request_fill(found->cli, listing, arguments, count, request))
		pages(found->cli, listing, request, take_name, &taking);
}

/* ---- DB.TABLE ---- */

struct placing {
	struct candidates *found;
	bool whole; /* a database alone will do */
	const char *begin; /* of a table: its database as it was typed, with the point */
};

static void take_database(ProtobufCMessage *row, void *state)
{
	const struct placing *placing = state;
	const Tenon__V1__Database *database = (const Tenon__V1__Database *)(void *)row;
	struct arena *arena = placing->found->cli->arena;
	const char *name = place_text(arena, database->name, "");
	if (placing->whole)
		candidate_add(placing->found, name, database->description);
	candidate_add(placing->found, arena_printf(arena, "%s.", name), database->description);
}

static void take_table(ProtobufCMessage *row, void *state)
{
	const struct placing *placing = state;
	const Tenon__V1__Table *table = (const Tenon__V1__Table *)(void *)row;
	struct arena *arena = placing->found->cli->arena;
	/* "x" is a database that stands bare. */
	const char *name = place_text(arena, "x", table->name) + strlen("x.");
	candidate_add(placing->found, arena_printf(arena, "%s%s", placing->begin, name), "");
}

/* Databases, and behind one's point its tables. */
static void add_places(struct candidates *found, bool whole)
{
	static const struct listing tables = {CATALOG, "ListTables", .name = "name"};
	struct cli *cli = found->cli;
	struct placing placing = {found, whole, ""};
	struct text typed = text_of(found->typed);
	char *database = NULL;
	char *table = NULL;
	struct error unused;
	/* With a letter more what ends in a point has a table. */
	const char *longer = arena_printf(cli->arena, "%sx", found->typed);
	size_t point = text_find(typed, '.');
	if (point == typed.length ||
		cli_place(cli, longer, &database, &table, &unused) != STATUS_OK || !table[0]) {
		pages(cli, &databases, request_new(cli, &databases), take_database, &placing);
		return;
	}
	/* The point behind the database is the last one before the table. */
	size_t bare = strlen(table) - 1;
	size_t end = typed.length > bare ? typed.length - bare : 0;
	while (end > 0 && typed.at[end - 1] != '.')
		end--;
	placing.begin = arena_text(cli->arena, text_until(typed, end));
	ProtobufCMessage *request = request_new(cli, &tables);
	Tenon__V1__ListTablesRequest *of = (Tenon__V1__ListTablesRequest *)(void *)request;
	of->database = database;
	of->names_only = true;
	pages(cli, &tables, request, take_table, &placing);
}

static void add_tables(struct candidates *found, const char *const *arguments, size_t count)
{
	(void)arguments;
	(void)count;
	add_places(found, false);
}

static void add_any_place(struct candidates *found, const char *const *arguments, size_t count)
{
	(void)arguments;
	(void)count;
	add_places(found, true);
}

/* ---- what is inside a table ---- */

static const Tenon__V1__Table *table_of(
	struct candidates *found, const char *const *arguments, size_t count)
{
	struct error unused;
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *answer = NULL;
	if (count == 0 || cli_table_name(found->cli, arguments[0], &request.database, &request.name,
				  &unused) != STATUS_OK)
		return NULL;
	if (cli_call(found->cli, CATALOG, "GetTable", &request.base, &answer, &unused))
		return NULL;
	return answer->table;
}

static void add_keys(struct candidates *found, const char *const *arguments, size_t count)
{
	const Tenon__V1__Table *table = table_of(found, arguments, count);
	for (size_t i = 0; table && i < table->n_partition_keys; i++)
		candidate_add(
			found, table->partition_keys[i]->name, table->partition_keys[i]->type);
}

static void add_columns(struct candidates *found, const char *const *arguments, size_t count)
{
	const Tenon__V1__Table *table = table_of(found, arguments, count);
	for (size_t i = 0; table && table->storage && i < table->storage->n_columns; i++)
		candidate_add(
			found, table->storage->columns[i]->name, table->storage->columns[i]->type);
}

/* ---- without the daemon ---- */

/* The words of an enum's values, which have its name before them and in common. */
static void add_values(struct candidates *found, const ProtobufCEnumDescriptor *values,
	const char *common, struct text before, bool lower)
{
	for (unsigned i = 1; i < values->n_values; i++) {
		char *name = arena_printf(found->cli->arena, "%.*s%s", TEXT_ARG(before),
			values->values[i].name + strlen(common));
		for (char *byte = name + before.length; lower && *byte; byte++)
			*byte = text_lower(*byte);
		candidate_add(found, name, "");
	}
}

/* "read,run". */
static void add_actions(struct candidates *found, const char *const *arguments, size_t count)
{
	struct text typed = text_of(found->typed);
	size_t comma = text_find_last(typed, ',') + 1; /* without one: 0 */
	(void)arguments;
	(void)count;
	add_values(
		found, &tenon__v1__action__descriptor, "ACTION_", text_until(typed, comma), true);
}

static void add_formats(struct candidates *found, const char *const *arguments, size_t count)
{
	(void)arguments;
	(void)count;
	add_values(found, &tenon__v1__data_format__descriptor, "DATA_FORMAT_", TEXT(""), false);
}

static void add_modes(struct candidates *found, const char *const *arguments, size_t count)
{
	(void)arguments;
	(void)count;
	add_values(found, &tenon__v1__compatibility__descriptor, "COMPATIBILITY_", TEXT(""), false);
}

static void add_files(struct candidates *found, const char *const *arguments, size_t count)
{
	(void)arguments;
	(void)count;
	found->files = true;
}

/* What stands for a placeholder, anywhere or in commands that begin with a word; every row
 * that fits has its share. */
static const struct {
	const char *placeholder;
	const char *family; /* NULL: any */
	const struct listing *listing; /* or: */
	void (*add)(struct candidates *found, const char *const *arguments, size_t count);
} rows[] = {
	{"DB", NULL, &databases, NULL},
	{"DB.TABLE", NULL, NULL, add_tables},
	{"DB2.NEW", NULL, NULL, add_tables},
	{"DB[.TABLE]", NULL, NULL, add_any_place},
	{"PATTERN", "grant", NULL, add_any_place},
	{"RESOURCE", NULL, NULL, add_any_place},
	{"RESOURCE", NULL, &job_resources, NULL},
	{"RESOURCE", NULL, &connection_resources, NULL},
	{"RESOURCE", NULL, &registry_resources, NULL},
	{"RESOURCE", NULL, &schema_resources, NULL},
	{"DB.NAME", NULL, &functions, NULL},
	{"JOB", NULL, &jobs, NULL},
	{"RUN", NULL, &runs, NULL},
	{"ID", "run", &runs, NULL},
	{"PRINCIPAL", NULL, &holders, NULL},
	{"PRINCIPAL", NULL, &grantees, NULL},
	{"NAME", "audit", &holders, NULL},
	{"NAME", "audit", &grantees, NULL},
	{"TOKEN", NULL, &tokens, NULL},
	{"REGISTRY", NULL, &registries, NULL},
	{"SCHEMA", NULL, &schemas, NULL},
	{"NAME", "database", &databases, NULL},
	{"NAME", "job", &jobs, NULL},
	{"NAME", "connection", &connections, NULL},
	{"NAME", "registry", &registries, NULL},
	{"NAME", "webhook", &webhooks, NULL},
	{"NAME", "partition", &indexes, NULL},
	{"KEY", "partition", NULL, add_keys},
	{"KEY", "untag", &tags, NULL},
	{"COLUMN", NULL, NULL, add_columns},
	{"FIELD", NULL, &conflicts, NULL},
	{"N", "rollback", &versions, NULL},
	{"N", "pin", &versions, NULL},
	{"N", "unpin", &versions, NULL},
	{"N", "version", &versions, NULL},
	{"N", "show", &versions, NULL},
	{"A", NULL, &versions, NULL},
	{"B", NULL, &versions, NULL},
	{"ACTIONS", NULL, NULL, add_actions},
	{"FORMAT", "schema", NULL, add_formats},
	{"MODE", "schema", NULL, add_modes},
	{"FILE", NULL, NULL, add_files},
	{"FILE|-", NULL, NULL, add_files},
	{"PATH", NULL, NULL, add_files},
};

void complete_names(struct candidates *found, const struct command *command,
	struct text placeholder, const char *const *arguments, size_t count)
{
	const char *name = command ? command->name : "";
	struct text family = text_until(text_of(name), text_find(text_of(name), ' '));
	/* Who creates something thinks of a new name. */
	if (text_ends(text_of(name), TEXT(" create")) && text_equal(placeholder, TEXT("NAME")))
		return;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!text_equal(placeholder, text_of(rows[i].placeholder)) ||
			(rows[i].family && !text_equal(family, text_of(rows[i].family))))
			continue;
		if (rows[i].listing)
			add_listed(found, rows[i].listing, arguments, count);
		else
			rows[i].add(found, arguments, count);
	}
}

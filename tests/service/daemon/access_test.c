#include "tests/service/daemon/daemon_process.h"

#include "service/serve.h"
#include "tenon/v1/access.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/registry.pb-c.h"
#include "tenon/v1/tags.pb-c.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A daemon that must know its callers: who may call what, method by method, and what
 * callers see of each other's things. */

#define ACCESS &tenon__v1__access__descriptor

static char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* From now on calls bring this token; NULL: none. */
static void become(struct daemon_process *daemon, const char *token)
{
	struct error err;
	rpc_channel_free(daemon->channel);
	daemon->channel = NULL;
	assert_ok(rpc_channel_open(daemon->address, token, &daemon->channel, &err), &err);
}

static const char *administrator(struct daemon_process *daemon)
{
	char token[128] = "";
	FILE *file = fopen(test_path(daemon, "data/administrator.token"), "r");
	assert_non_null(file);
	assert_non_null(fgets(token, sizeof token, file));
	(void)fclose(file);
	return arena_text(daemon->arena, text_trimmed(text_of(token)));
}

static void start(struct daemon_process *daemon)
{
	daemon_init(daemon);
	daemon_start(daemon, (const char *const[]){"--auth", NULL}, NULL);
	become(daemon, administrator(daemon));
}

struct token_asked {
	const char *principal;
	Tenon__V1__Action scope;
	const char *databases;
	int64_t lifetime_s;
};

static Tenon__V1__CreateTokenResponse *create_token(
	struct daemon_process *daemon, struct token_asked asked)
{
	struct error err;
	Tenon__V1__CreateTokenRequest request = TENON__V1__CREATE_TOKEN_REQUEST__INIT;
	Tenon__V1__CreateTokenResponse *response;
	request.principal = lent(asked.principal);
	request.scope = &asked.scope;
	request.n_scope = asked.scope != 0;
	request.databases = lent(asked.databases ? asked.databases : "");
	request.lifetime_s = asked.lifetime_s;
	assert_ok(daemon_call(daemon, ACCESS, "CreateToken", &request, &response, &err), &err);
	return response;
}

static const char *token_for(struct daemon_process *daemon, const char *principal)
{
	return create_token(daemon, (struct token_asked){.principal = principal})->secret;
}

static enum status change_grant(struct daemon_process *daemon, const char *method,
	const char *principal, Tenon__V1__Action action, const char *database, const char *table,
	struct error *err)
{
	Tenon__V1__Grant grant = TENON__V1__GRANT__INIT;
	Tenon__V1__PutGrantRequest request = TENON__V1__PUT_GRANT_REQUEST__INIT;
	void *response;
	grant.principal = lent(principal);
	grant.actions = &action;
	grant.n_actions = 1;
	if (strchr(database, '/'))
		grant.resource = lent(database);
	else
		grant.database = lent(database);
	grant.table = lent(table);
	request.grant = &grant;
	return daemon_call(daemon, ACCESS, method, &request, &response, err);
}

static void grant(struct daemon_process *daemon, const char *principal, Tenon__V1__Action action,
	const char *database, const char *table)
{
	struct error err;
	assert_ok(change_grant(daemon, "PutGrant", principal, action, database, table, &err), &err);
}

#define READ  TENON__V1__ACTION__ACTION_READ
#define WRITE TENON__V1__ACTION__ACTION_WRITE
#define CRAWL TENON__V1__ACTION__ACTION_CRAWL
#define RUN   TENON__V1__ACTION__ACTION_RUN
#define ADMIN TENON__V1__ACTION__ACTION_ADMIN

/* ---- every method ---- */

/* Who may call it when the request names things of which they have just this right: known
 * without any grant, reader, writer, crawler, runner, administrator. "krwcxa": anybody who
 * is known, be it that the answer leaves out what they may not see. Worker: nobody here. */
static const struct {
	const char *method;
	const char *who;
} methods[] = {
	{"Catalog/CreateDatabase", "wa"},
	{"Catalog/GetDatabase", "rwa"},
	{"Catalog/ListDatabases", "krwcxa"},
	{"Catalog/UpdateDatabase", "wa"},
	{"Catalog/DeleteDatabase", "wa"},
	{"Catalog/UndropDatabase", "wa"},
	{"Catalog/CreateTable", "wa"},
	{"Catalog/UpdateTable", "wa"},
	{"Catalog/GetTable", "rwa"},
	{"Catalog/ListTables", "rwa"},
	{"Catalog/RenameTable", "wa"},
	{"Catalog/DeleteTable", "wa"},
	{"Catalog/DeleteTables", "wa"},
	{"Catalog/UndropTable", "wa"},
	{"Catalog/ListDropped", "rwa"},
	{"Catalog/SearchTables", "krwcxa"},
	{"Catalog/ListTableVersions", "rwa"},
	{"Catalog/GetTableVersion", "rwa"},
	{"Catalog/DiffTableVersions", "rwa"},
	{"Catalog/RollbackTable", "wa"},
	{"Catalog/PinTableVersion", "wa"},
	{"Catalog/DeleteTableVersions", "wa"},
	{"Catalog/GetRetention", "rwa"},
	{"Catalog/PutRetention", "a"},
	{"Catalog/ListConflicts", "rwa"},
	{"Catalog/ResolveConflict", "wa"},
	{"Catalog/CreatePartitions", "wa"},
	{"Catalog/GetPartition", "rwa"},
	{"Catalog/ListPartitions", "rwa"},
	{"Catalog/DeletePartitions", "wa"},
	{"Catalog/GetPartitions", "rwa"},
	{"Catalog/UpdatePartitions", "wa"},
	{"Catalog/CreatePartitionIndex", "wa"},
	{"Catalog/ListPartitionIndexes", "rwa"},
	{"Catalog/DeletePartitionIndex", "wa"},
	{"Tags/TagResource", "wa"},
	{"Tags/UntagResource", "wa"},
	{"Tags/GetTags", "rwa"},
	{"Feed/Watch", "rwa"},
	{"Feed/ListChanges", "rwa"},
	{"Feed/PutWebhook", "a"},
	{"Feed/ListWebhooks", "a"},
	{"Feed/DeleteWebhook", "a"},
	{"Functions/CreateFunction", "wa"},
	{"Functions/GetFunction", "rwa"},
	{"Functions/UpdateFunction", "wa"},
	{"Functions/DeleteFunction", "wa"},
	{"Functions/ListFunctions", "rwa"},
	{"Statistics/UpdateColumnStatistics", "wa"},
	{"Statistics/GetColumnStatistics", "rwa"},
	{"Statistics/DeleteColumnStatistics", "wa"},
	{"Connections/PutConnection", "a"},
	{"Connections/GetConnection", "rwa"},
	{"Connections/ListConnections", "krwcxa"},
	{"Connections/DeleteConnections", "a"},
	{"Crawlers/StartCrawl", "ca"},
	/* A run that is not theirs to see is not found, as is one that never was. */
	{"Crawlers/GetCrawl", "krwcxa"},
	{"Jobs/PutJob", "wa"},
	{"Jobs/GetJob", "rwxa"},
	{"Jobs/ListJobs", "krwcxa"},
	{"Jobs/DeleteJob", "wa"},
	{"Jobs/StartJobRun", "xa"},
	{"Jobs/GetRun", "krwcxa"},
	{"Jobs/ListRuns", "rwxa"},
	{"Jobs/CancelRun", "krwcxa"},
	{"Jobs/WatchRun", "krwcxa"},
	{"Jobs/ReadLog", "krwcxa"},
	{"Jobs/GetBookmark", "rwxa"},
	{"Jobs/ResetBookmark", "xa"},
	{"Registry/CreateRegistry", "wa"},
	{"Registry/UpdateRegistry", "wa"},
	{"Registry/ListRegistries", "krwcxa"},
	{"Registry/DeleteRegistry", "wa"},
	{"Registry/CreateSchema", "wa"},
	{"Registry/GetSchema", "rwa"},
	{"Registry/UpdateSchema", "wa"},
	{"Registry/ListSchemas", "krwcxa"},
	{"Registry/DeleteSchema", "wa"},
	{"Registry/RegisterSchemaVersion", "wa"},
	{"Registry/GetSchemaVersion", "rwa"},
	{"Registry/GetSchemaByDefinition", "rwa"},
	{"Registry/ListSchemaVersions", "rwa"},
	{"Registry/DeleteSchemaVersions", "wa"},
	{"Registry/CheckSchema", "rwa"},
	{"Registry/DiffSchemaVersions", "rwa"},
	{"Registry/PutSchemaVersionMetadata", "wa"},
	{"Registry/DeleteSchemaVersionMetadata", "wa"},
	{"Access/CreateToken", "a"},
	{"Access/ListTokens", "krwcxa"},
	{"Access/RevokeToken", "krwcxa"},
	{"Access/PutGrant", "a"},
	{"Access/ListGrants", "krwcxa"},
	{"Access/DeleteGrant", "a"},
	{"Access/WhoAmI", "krwcxa"},
	{"Access/ListAudit", "a"},
	{"Operations/GetStatus", "krwcxa"},
	{"Operations/Backup", "a"},
	{"Operations/Export", "a"},
	{"Operations/Import", "a"},
	{"Operations/Check", "a"},
	{"Worker/GetTask", ""},
	{"Worker/Report", ""},
	{"Worker/ReadLedger", ""},
	{"Worker/StagePart", ""},
	{"Worker/ApplyCrawl", ""},
	{"Worker/ReadBookmark", ""},
	{"Worker/BeginOutput", ""},
	{"Worker/CommitRun", ""},
	{"Worker/FailRun", ""},
};

static const char *who_may(const char *method)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (strcmp(methods[i].method, method) == 0)
			return methods[i].who;
	}
	fail_msg("say in this table who may call '%s'", method);
	return "";
}

static bool is_stream(const char *method)
{
	static const char *const streams[] = {"Watch", "WatchRun", "ReadLog", "Backup", "Export",
		"Check", "ReadLedger", "ReadBookmark"};
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		if (strcmp(streams[i], method) == 0)
			return true;
	}
	return false;
}

/* A request that names something everywhere: each text is "thing", each message is there. */
static void *filled(struct arena *arena, const ProtobufCMessageDescriptor *type, int depth)
{
	char *message = arena_alloc(arena, type->sizeof_message);
	protobuf_c_message_init(type, (ProtobufCMessage *)(void *)message);
	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		void *place = message + field->offset;
		bool text = field->type == PROTOBUF_C_TYPE_STRING;
		if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
			strcmp(field->name, "page_token") == 0 ||
			strcmp(field->name, "resource") == 0)
			continue;
		if (field->label == PROTOBUF_C_LABEL_REPEATED && text) {
			char **list = arena_array(arena, 1, sizeof *list);
			list[0] = lent("thing");
			*(char ***)place = list;
			*(size_t *)(void *)(message + field->quantifier_offset) = 1;
		} else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			continue;
		} else if (text) {
			*(char **)place = lent("thing");
		} else if (field->type == PROTOBUF_C_TYPE_MESSAGE && depth < 2) {
			*(void **)place = filled(arena, field->descriptor, depth + 1);
		}
	}
	return message;
}

static enum status call(struct daemon_process *daemon, const ProtobufCServiceDescriptor *service,
	const ProtobufCMethodDescriptor *method, struct error *err)
{
	OWNED(arena) arena = arena_new();
	void *response;
	const ProtobufCMessage *request = filled(arena, method->input, 0);
	if (!is_stream(method->name))
		return rpc_invoke(
			daemon->channel, service, method->name, request, 0, arena, &response, err);
	OWNED(rpc_reading) reading = NULL;
	TRY(rpc_read_open(daemon->channel, service, method->name, request, 30000, &reading, err));
	return rpc_read_next(reading, arena, &response, err);
}

struct walker {
	char letter;
	const char *token;
};

static void check_method(struct daemon_process *daemon, const ProtobufCServiceDescriptor *service,
	const ProtobufCMethodDescriptor *method, const struct walker *walker, bool implemented)
{
	struct error err = {0};
	const char *name = arena_printf(
		daemon->arena, "%s/%s", service->name + sizeof "tenon.v1." - 1, method->name);
	const char *who = who_may(name);
	bool worker = strncmp(name, "Worker/", 7) == 0;
	bool known = walker->letter != '?';
	enum status status = call(daemon, service, method, &err);
	bool refused = status == STATUS_PERMISSION_DENIED || status == STATUS_UNAUTHENTICATED;
	bool may = known && !worker && strchr(who, walker->letter);
	if (!implemented)
		may = walker->letter == 'a';
	enum status refusal = known && !worker ? STATUS_PERMISSION_DENIED : STATUS_UNAUTHENTICATED;
	if (may ? refused : status != refusal)
		fail_msg("%s as '%c' gives %s: %s", name, walker->letter, status_name(status),
			err.message);
}

static void test_every_method_is_for_whom_the_table_says(void **state)
{
	(void)state;
	struct daemon_process daemon;
	start(&daemon);
	grant(&daemon, "r", READ, "*", "*");
	grant(&daemon, "w", WRITE, "*", "*");
	grant(&daemon, "c", CRAWL, "*", "*");
	grant(&daemon, "x", RUN, "*", "*");
	const char *expired =
		create_token(&daemon, (struct token_asked){.principal = "r", .lifetime_s = 1})
			->secret;
	const struct walker walkers[] = {
		{'a', administrator(&daemon)},
		{'k', token_for(&daemon, "k")},
		{'r', token_for(&daemon, "r")},
		{'w', token_for(&daemon, "w")},
		{'c', token_for(&daemon, "c")},
		{'x', token_for(&daemon, "x")},
		{'?', NULL},
		{'?', "tnn_0000000000000000_"
		      "0000000000000000000000000000000000000000000000000000000000000000"},
		{'?', "hunter2"},
		{'?', expired},
	};
	bool implemented[16][METHODS_MAX] = {{0}};
	(void)usleep(1100 * 1000); /* until the token of a second has expired */
	for (size_t w = 0; w < sizeof walkers / sizeof *walkers; w++) {
		become(&daemon, walkers[w].token);
		for (size_t s = 0; s < service_rows_count; s++) {
			const ProtobufCServiceDescriptor *service = service_rows[s].descriptor;
			for (unsigned m = 0; m < service->n_methods; m++) {
				const ProtobufCMethodDescriptor *method = &service->methods[m];
				struct error err = {0};
				if (w == 0)
					implemented[s][m] = call(&daemon, service, method, &err) !=
							    STATUS_UNIMPLEMENTED;
				check_method(
					&daemon, service, method, &walkers[w], implemented[s][m]);
			}
		}
	}
	daemon_done(&daemon);
}

/* ---- what is seen ---- */

static void put_table(struct daemon_process *daemon, const char *database, const char *name)
{
	struct error err;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__CreateTableResponse *response;
	table.database = lent(database);
	table.name = lent(name);
	table.storage = &storage;
	request.table = &table;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "CreateTable", &request,
			  &response, &err),
		&err);
}

static enum status read_table(
	struct daemon_process *daemon, const char *database, const char *name, struct error *err)
{
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response;
	request.database = lent(database);
	request.name = lent(name);
	return daemon_call(
		daemon, &tenon__v1__catalog__descriptor, "GetTable", &request, &response, err);
}

/* "hr.people sales.orders" of what a listing of everything has. */
static const char *tables_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListTablesRequest request = TENON__V1__LIST_TABLES_REQUEST__INIT;
	Tenon__V1__ListTablesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListTables", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_tables; i++)
		all = arena_printf(daemon->arena, "%s%s%s.%s", all, *all ? " " : "",
			response->tables[i]->database, response->tables[i]->name);
	return all;
}

static const char *databases_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListDatabasesRequest request = TENON__V1__LIST_DATABASES_REQUEST__INIT;
	Tenon__V1__ListDatabasesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListDatabases", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_databases; i++)
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			response->databases[i]->name);
	return all;
}

static const char *found(struct daemon_process *daemon, const char *query)
{
	struct error err;
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	Tenon__V1__SearchTablesResponse *response;
	const char *all = "";
	request.query = lent(query);
	request.sort = TENON__V1__SEARCH_SORT__SEARCH_SORT_NAME;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "SearchTables", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_hits; i++)
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			response->hits[i]->table->name);
	return all;
}

/* The names of tables that changes are of. */
static const char *changed(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListChangesRequest request = TENON__V1__LIST_CHANGES_REQUEST__INIT;
	Tenon__V1__ListChangesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__feed__descriptor, "ListChanges", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_changes; i++) {
		const Tenon__V1__Change *change = response->changes[i];
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			*change->table	    ? change->table
			: *change->database ? change->database
					    : change->resource);
	}
	return all;
}

static void tag(struct daemon_process *daemon, const char *resource)
{
	struct error err;
	Tenon__V1__TagResourceRequest request = TENON__V1__TAG_RESOURCE_REQUEST__INIT;
	Tenon__V1__TagResourceRequest__TagsEntry entry =
		TENON__V1__TAG_RESOURCE_REQUEST__TAGS_ENTRY__INIT;
	Tenon__V1__TagResourceRequest__TagsEntry *entries = &entry;
	Tenon__V1__TagResourceResponse *response;
	entry.key = lent("team");
	entry.value = lent("red");
	request.resource = lent(resource);
	request.tags = &entries;
	request.n_tags = 1;
	assert_ok(daemon_call(daemon, &tenon__v1__tags__descriptor, "TagResource", &request,
			  &response, &err),
		&err);
}

static void test_listings_show_what_may_be_seen_and_nothing_else(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	put_database(&daemon, "hr");
	put_database(&daemon, "sales");
	put_table(&daemon, "hr", "people");
	put_table(&daemon, "sales", "orders");
	put_table(&daemon, "sales", "raw_orders");
	put_table(&daemon, "sales", "raw_people");
	tag(&daemon, "table/sales/orders"); /* a change in a database that alice sees */
	const char *alice = token_for(&daemon, "alice");
	const char *nobody = token_for(&daemon, "nobody");
	const char *bob =
		create_token(&daemon, (struct token_asked){.principal = "bob", .databases = "s*"})
			->secret;
	grant(&daemon, "alice", READ, "sales", "raw_*");
	grant(&daemon, "bob", READ, "*", "*");

	become(&daemon, alice);
	assert_string_equal(databases_seen(&daemon), "sales");
	assert_string_equal(tables_seen(&daemon), "sales.raw_orders sales.raw_people");
	assert_string_equal(found(&daemon, "orders"), "raw_orders");
	assert_string_equal(found(&daemon, "people"), "raw_people");
	assert_string_equal(changed(&daemon), "sales raw_orders raw_people");
	assert_ok(read_table(&daemon, "SALES", "Raw_Orders", &err), &err);
	/* What is not there and what is not hers are told in the same words. */
	assert_int_equal(read_table(&daemon, "sales", "orders", &err), STATUS_PERMISSION_DENIED);
	assert_string_equal(err.message,
		"'alice' may not read 'sales.orders': an administrator can say \"tenon grant add "
		"'alice' read 'sales.orders'\"");
	assert_int_equal(read_table(&daemon, "sales", "nothing", &err), STATUS_PERMISSION_DENIED);
	assert_string_equal(err.message,
		"'alice' may not read 'sales.nothing': an administrator can say \"tenon grant add "
		"'alice' read 'sales.nothing'\"");
	assert_int_equal(read_table(&daemon, "sales", "raw_nothing", &err), STATUS_NOT_FOUND);

	become(&daemon, nobody);
	assert_string_equal(databases_seen(&daemon), "");
	assert_string_equal(tables_seen(&daemon), "");
	assert_string_equal(found(&daemon, "orders"), "");
	assert_string_equal(changed(&daemon), "");

	become(&daemon, bob); /* whose token is for some databases only */
	assert_string_equal(databases_seen(&daemon), "sales");
	assert_int_equal(read_table(&daemon, "hr", "people", &err), STATUS_PERMISSION_DENIED);
	assert_string_equal(err.message,
		"the token of 'bob' is not for read on 'hr.people': use one whose scope and "
		"databases have it");
	daemon_done(&daemon);
}

static const char *registries_seen(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListRegistriesRequest request = TENON__V1__LIST_REGISTRIES_REQUEST__INIT;
	Tenon__V1__ListRegistriesResponse *response;
	const char *all = "";
	assert_ok(daemon_call(daemon, &tenon__v1__registry__descriptor, "ListRegistries", &request,
			  &response, &err),
		&err);
	for (size_t i = 0; i < response->n_registries; i++)
		all = arena_printf(daemon->arena, "%s%s%s", all, *all ? " " : "",
			response->registries[i]->name);
	return all;
}

static void test_registries_are_listed_to_who_may_see_them_or_their_schemas(void **state)
{
	(void)state;
	static const char *const names[] = {"one", "three", "two"};
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	for (size_t i = 0; i < 3; i++) {
		Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
		Tenon__V1__CreateRegistryRequest request = TENON__V1__CREATE_REGISTRY_REQUEST__INIT;
		void *response;
		registry.name = lent(names[i]);
		request.registry = &registry;
		assert_ok(daemon_call(&daemon, &tenon__v1__registry__descriptor, "CreateRegistry",
				  &request, &response, &err),
			&err);
	}
	assert_string_equal(registries_seen(&daemon), "one three two");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "registry/one", "");
	grant(&daemon, "alice", READ, "schema/two/*", "");
	become(&daemon, alice);
	assert_string_equal(registries_seen(&daemon), "one two");

	/* A table does not show its writer a schema that she may not read. */
	become(&daemon, administrator(&daemon));
	put_database(&daemon, "sales");
	grant(&daemon, "alice", WRITE, "sales", "*");
	become(&daemon, alice);
	static const struct {
		const char *registry;
		const char *id;
		enum status expected;
	} cases[] = {
		{"two", "", STATUS_NOT_FOUND},
		{"three", "", STATUS_PERMISSION_DENIED},
		{"two", "00000000-0000-4000-8000-000000000000", STATUS_PERMISSION_DENIED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		Tenon__V1__SchemaReference schema = TENON__V1__SCHEMA_REFERENCE__INIT;
		Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
		Tenon__V1__Table table = TENON__V1__TABLE__INIT;
		Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
		void *response;
		schema.registry = lent(cases[i].registry);
		schema.schema = lent("orders");
		schema.version_id = lent(cases[i].id);
		storage.schema = &schema;
		table.storage = &storage;
		table.database = lent("sales");
		table.name = lent("orders");
		request.table = &table;
		assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor,
					 "CreateTable", &request, &response, &err),
			cases[i].expected);
	}
	daemon_done(&daemon);
}

static void test_a_registry_is_deleted_by_who_may_write_its_schemas(void **state)
{
	(void)state;
	const ProtobufCServiceDescriptor *service = &tenon__v1__registry__descriptor;
	Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
	Tenon__V1__CreateRegistryRequest make = TENON__V1__CREATE_REGISTRY_REQUEST__INIT;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__V1__CreateSchemaRequest fill = TENON__V1__CREATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__DeleteRegistryRequest delete = TENON__V1__DELETE_REGISTRY_REQUEST__INIT;
	struct daemon_process daemon;
	struct error err;
	void *response;
	registry.name = delete.name = schema.registry = lent("one");
	make.registry = &registry;
	schema.name = lent("orders");
	schema.format = TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO;
	fill.schema = &schema;
	fill.definition = lent("\"int\"");
	start(&daemon);
	const char *admin = administrator(&daemon);
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", WRITE, "registry/one", "");
	/* An empty one is hers alone. */
	assert_ok(daemon_call(&daemon, service, "CreateRegistry", &make, &response, &err), &err);
	become(&daemon, alice);
	assert_ok(daemon_call(&daemon, service, "DeleteRegistry", &delete, &response, &err), &err);
	become(&daemon, admin);
	assert_ok(daemon_call(&daemon, service, "CreateRegistry", &make, &response, &err), &err);
	assert_ok(daemon_call(&daemon, service, "CreateSchema", &fill, &response, &err), &err);
	become(&daemon, alice);
	assert_int_equal(daemon_call(&daemon, service, "DeleteRegistry", &delete, &response, &err),
		STATUS_PERMISSION_DENIED);
	assert_non_null(strstr(err.message, "schema/one/*"));
	become(&daemon, admin);
	grant(&daemon, "alice", WRITE, "schema/one/*", "");
	become(&daemon, alice);
	assert_ok(daemon_call(&daemon, service, "DeleteRegistry", &delete, &response, &err), &err);
	daemon_done(&daemon);
}

static void test_a_rename_asks_for_both_places(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	put_database(&daemon, "a");
	put_database(&daemon, "b");
	put_table(&daemon, "a", "t");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", WRITE, "a", "t*");
	become(&daemon, alice);
	static const struct {
		const char *database;
		const char *name;
		enum status expected;
	} cases[] = {
		{"b", "", STATUS_PERMISSION_DENIED},
		{"b", "t2", STATUS_PERMISSION_DENIED},
		{"", "u", STATUS_PERMISSION_DENIED},
		{"", "t2", STATUS_OK},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		Tenon__V1__RenameTableRequest request = TENON__V1__RENAME_TABLE_REQUEST__INIT;
		Tenon__V1__RenameTableResponse *response;
		request.database = lent("a");
		request.name = lent("t");
		request.new_database = lent(cases[i].database);
		request.new_name = lent(cases[i].name);
		assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor,
					 "RenameTable", &request, &response, &err),
			cases[i].expected);
	}
	daemon_done(&daemon);
}

/* Whoever may write one table may not take another's name for it on the way. */
static void test_the_name_that_is_changed_is_the_name_that_is_asked_for(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	put_database(&daemon, "mine");
	put_database(&daemon, "yours");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", WRITE, "mine", "*");
	become(&daemon, alice);
	Tenon__V1__Database database = TENON__V1__DATABASE__INIT;
	Tenon__V1__UpdateDatabaseRequest request = TENON__V1__UPDATE_DATABASE_REQUEST__INIT;
	void *response;
	database.name = lent("mine");
	request.name = lent("yours");
	request.database = &database;
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "UpdateDatabase",
				 &request, &response, &err),
		STATUS_PERMISSION_DENIED);
	Tenon__V1__DeleteTablesRequest many = TENON__V1__DELETE_TABLES_REQUEST__INIT;
	char *names[] = {lent("t"), lent("u")};
	many.database = lent("yours");
	many.names = names;
	many.n_names = 2;
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteTables",
				 &many, &response, &err),
		STATUS_PERMISSION_DENIED);
	daemon_done(&daemon);
}

/* ---- tokens and grants ---- */

static enum status who(struct daemon_process *daemon, const char *token, struct error *err)
{
	Tenon__V1__WhoAmIRequest request = TENON__V1__WHO_AM_IREQUEST__INIT;
	Tenon__V1__WhoAmIResponse *response;
	become(daemon, token);
	return daemon_call(daemon, ACCESS, "WhoAmI", &request, &response, err);
}

static enum status revoke_token(struct daemon_process *daemon, const char *id, struct error *err)
{
	Tenon__V1__RevokeTokenRequest request = TENON__V1__REVOKE_TOKEN_REQUEST__INIT;
	void *response;
	request.id = lent(id);
	return daemon_call(daemon, ACCESS, "RevokeToken", &request, &response, err);
}

static void test_a_token_that_is_held_in_revokes_none_but_itself(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	Tenon__V1__CreateTokenResponse *wide =
		create_token(&daemon, (struct token_asked){.principal = "ada"});
	const struct token_asked narrow[] = {
		{.principal = "ada", .scope = READ}, {.principal = "ada", .databases = "sales*"}};
	for (size_t i = 0; i < 2; i++) {
		become(&daemon, administrator(&daemon));
		Tenon__V1__CreateTokenResponse *held = create_token(&daemon, narrow[i]);
		become(&daemon, held->secret);
		assert_int_equal(
			revoke_token(&daemon, wide->token->id, &err), STATUS_PERMISSION_DENIED);
		assert_ok(revoke_token(&daemon, held->token->id, &err), &err);
	}
	become(&daemon, wide->secret);
	assert_ok(revoke_token(&daemon, wide->token->id, &err), &err);
	daemon_done(&daemon);
}

static void test_a_revoked_token_is_unknown_at_once_and_like_one_that_never_was(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	struct error foreign;
	start(&daemon);
	Tenon__V1__CreateTokenResponse *alice =
		create_token(&daemon, (struct token_asked){.principal = "alice"});
	Tenon__V1__CreateTokenResponse *bob =
		create_token(&daemon, (struct token_asked){.principal = "bob"});
	assert_ok(who(&daemon, alice->secret, &err), &err);
	/* Others' tokens are not hers, nor even there. */
	assert_int_equal(revoke_token(&daemon, bob->token->id, &err), STATUS_NOT_FOUND);
	assert_ok(revoke_token(&daemon, alice->token->id, &err), &err);
	assert_int_equal(who(&daemon, alice->secret, &err), STATUS_UNAUTHENTICATED);
	char *changed_one = arena_text(daemon.arena, text_of(bob->secret));
	size_t last = strlen(changed_one) - 1;
	changed_one[last] = changed_one[last] == '0' ? '1' : '0';
	assert_int_equal(who(&daemon, changed_one, &foreign), STATUS_UNAUTHENTICATED);
	assert_string_equal(err.message, foreign.message);
	assert_ok(who(&daemon, bob->secret, &err), &err);
	daemon_done(&daemon);
}

static void test_tokens_and_grants_outlive_the_daemon(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	put_database(&daemon, "sales");
	put_table(&daemon, "sales", "orders");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "sales", "*");
	assert_int_equal(daemon_stop(&daemon), 0);
	daemon_start(&daemon, (const char *const[]){"--auth", NULL}, NULL);
	become(&daemon, alice);
	assert_ok(read_table(&daemon, "sales", "orders", &err), &err);
	assert_int_equal(daemon_stop(&daemon), 0);
	/* Without --auth the way in for who has lost every token. */
	daemon_start(&daemon, NULL, NULL);
	become(&daemon, NULL);
	assert_true(strlen(token_for(&daemon, "admin")) > 64);
	daemon_done(&daemon);
}

static void test_who_administers_a_pattern_gives_rights_on_it_and_no_further(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", ADMIN, "sales_*", "*");
	become(&daemon, alice);
	static const struct {
		const char *database;
		const char *table;
		enum status expected;
	} cases[] = {
		{"sales_eu", "*", STATUS_OK},
		{"sales_eu", "orders", STATUS_OK},
		{"sales_e*", "*", STATUS_OK},
		{"sales_*", "*", STATUS_OK},
		{"sales*", "*", STATUS_PERMISSION_DENIED},
		{"*", "*", STATUS_PERMISSION_DENIED},
		{"*", "orders", STATUS_PERMISSION_DENIED},
		{"hr", "*", STATUS_PERMISSION_DENIED},
		{"job/*", "", STATUS_PERMISSION_DENIED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum status status = change_grant(
			&daemon, "PutGrant", "bob", READ, cases[i].database, cases[i].table, &err);
		if (status != cases[i].expected)
			fail_msg("%s.%s: %s", cases[i].database, cases[i].table,
				status_name(status));
	}
	daemon_done(&daemon);
}

static void test_a_scope_bounds_what_grants_give(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	put_database(&daemon, "sales");
	put_table(&daemon, "sales", "orders");
	const char *reader =
		create_token(&daemon, (struct token_asked){.principal = "admin", .scope = READ})
			->secret;
	become(&daemon, reader);
	assert_ok(read_table(&daemon, "sales", "orders", &err), &err);
	Tenon__V1__DeleteTableRequest request = TENON__V1__DELETE_TABLE_REQUEST__INIT;
	void *response;
	request.database = lent("sales");
	request.name = lent("orders");
	assert_int_equal(daemon_call(&daemon, &tenon__v1__catalog__descriptor, "DeleteTable",
				 &request, &response, &err),
		STATUS_PERMISSION_DENIED);
	assert_int_equal(change_grant(&daemon, "PutGrant", "bob", READ, "sales", "*", &err),
		STATUS_PERMISSION_DENIED);
	daemon_done(&daemon);
}

/* ---- streams ---- */

static struct rpc_reading *open_watch(struct daemon_process *daemon)
{
	struct error err;
	struct rpc_reading *reading;
	Tenon__V1__WatchRequest request = TENON__V1__WATCH_REQUEST__INIT;
	Tenon__V1__WatchResponse *first;
	assert_ok(rpc_read_open(daemon->channel, &tenon__v1__feed__descriptor, "Watch",
			  &request.base, 30000, &reading, &err),
		&err);
	assert_ok(rpc_read_next(reading, daemon->arena, &first, &err), &err);
	return reading;
}

/* How the stream ends, whatever comes before; its deadline fails the test. */
static enum status watch_end(
	struct daemon_process *daemon, struct rpc_reading *reading, struct error *err)
{
	Tenon__V1__WatchResponse *message;
	for (;;) {
		enum status status = rpc_read_next(reading, daemon->arena, &message, err);
		if (status != STATUS_OK || !message)
			return status;
	}
}

static void test_a_watch_ends_when_its_token_is_revoked_or_expires(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	const char *admin = administrator(&daemon);
	Tenon__V1__CreateTokenResponse *alice =
		create_token(&daemon, (struct token_asked){.principal = "alice"});
	Tenon__V1__CreateTokenResponse *brief =
		create_token(&daemon, (struct token_asked){.principal = "alice", .lifetime_s = 3});
	OWNED(rpc_channel) alices = NULL;
	OWNED(rpc_channel) briefs = NULL;
	struct daemon_process as = daemon;
	assert_ok(rpc_channel_open(daemon.address, alice->secret, &alices, &err), &err);
	assert_ok(rpc_channel_open(daemon.address, brief->secret, &briefs, &err), &err);
	as.channel = briefs;
	OWNED(rpc_reading) expiring = open_watch(&as);
	as.channel = alices;
	OWNED(rpc_reading) revoked = open_watch(&as);
	become(&daemon, admin);
	assert_ok(revoke_token(&daemon, alice->token->id, &err), &err);
	assert_int_equal(watch_end(&daemon, revoked, &err), STATUS_UNAUTHENTICATED);
	assert_int_equal(watch_end(&daemon, expiring, &err), STATUS_UNAUTHENTICATED);
	daemon_done(&daemon);
}

static void test_a_watch_shows_what_grants_allow_at_the_moment(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	put_database(&daemon, "hr");
	put_database(&daemon, "sales");
	const char *secret = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "sales", "*");
	OWNED(rpc_channel) alices = NULL;
	struct daemon_process as = daemon;
	assert_ok(rpc_channel_open(daemon.address, secret, &alices, &err), &err);
	as.channel = alices;
	OWNED(rpc_reading) reading = open_watch(&as);
	put_table(&daemon, "hr", "one");
	put_table(&daemon, "sales", "two");
	assert_ok(change_grant(&daemon, "DeleteGrant", "alice", READ, "sales", "*", &err), &err);
	put_table(&daemon, "sales", "three");
	grant(&daemon, "alice", READ, "hr", "*");
	put_table(&daemon, "hr", "four");
	const char *seen = "";
	while (!strstr(seen, "four")) {
		Tenon__V1__WatchResponse *message;
		assert_ok(rpc_read_next(reading, daemon.arena, &message, &err), &err);
		assert_non_null(message);
		for (size_t i = 0; i < message->n_changes; i++)
			seen = arena_printf(
				daemon.arena, "%s %s", seen, message->changes[i]->table);
	}
	assert_null(strstr(seen, "three"));
	daemon_done(&daemon);
}

/* ---- the audit log ---- */

static Tenon__V1__ListAuditResponse *audit(
	struct daemon_process *daemon, const char *principal, const char *kind)
{
	struct error err;
	Tenon__V1__ListAuditRequest request = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	Tenon__V1__ListAuditResponse *response;
	request.principal = lent(principal);
	request.kind = lent(kind);
	assert_ok(daemon_call(daemon, ACCESS, "ListAudit", &request, &response, &err), &err);
	return response;
}

static void test_reads_writes_and_denials_are_written_down(void **state)
{
	(void)state;
	struct daemon_process daemon;
	struct error err;
	start(&daemon);
	const char *admin = administrator(&daemon);
	put_database(&daemon, "sales");
	put_table(&daemon, "sales", "orders");
	const char *alice = token_for(&daemon, "alice");
	grant(&daemon, "alice", READ, "sales", "orders");
	become(&daemon, alice);
	for (int i = 0; i < 5; i++)
		assert_ok(read_table(&daemon, "sales", "orders", &err), &err);
	assert_int_equal(read_table(&daemon, "sales", "pay", &err), STATUS_PERMISSION_DENIED);
	become(&daemon, admin);
	/* A write is there as soon as it is answered. */
	Tenon__V1__ListAuditResponse *writes = audit(&daemon, "admin", "write");
	assert_int_equal(writes->n_entries, 4);
	assert_string_equal(writes->entries[0]->method, "/tenon.v1.Access/PutGrant");
	assert_string_equal(writes->entries[0]->resource, "grant/alice/sales.orders read");
	assert_non_null(strstr(writes->entries[1]->resource, " of alice"));
	assert_string_equal(writes->entries[2]->resource, "sales.orders");
	Tenon__V1__ListAuditResponse *denied = NULL;
	for (int i = 0; i < 200 && (!denied || denied->n_entries == 0); i++) {
		(void)usleep(50 * 1000);
		denied = audit(&daemon, "alice", "denied");
	}
	assert_int_equal(denied->n_entries, 1);
	assert_string_equal(denied->entries[0]->resource, "sales.pay");
	assert_int_equal(denied->entries[0]->code, STATUS_PERMISSION_DENIED);
	Tenon__V1__ListAuditResponse *reads = audit(&daemon, "alice", "read");
	uint64_t count = 0;
	for (size_t i = 0; i < reads->n_entries; i++)
		count += reads->entries[i]->count;
	assert_int_equal(count, 5);
	/* Nothing that waits is lost by a stop in order. */
	become(&daemon, alice);
	assert_int_equal(read_table(&daemon, "sales", "last", &err), STATUS_PERMISSION_DENIED);
	assert_int_equal(daemon_stop(&daemon), 0);
	daemon_start(&daemon, (const char *const[]){"--auth", NULL}, NULL);
	become(&daemon, admin);
	assert_int_equal(audit(&daemon, "alice", "denied")->n_entries, 2);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method_is_for_whom_the_table_says),
		cmocka_unit_test(test_listings_show_what_may_be_seen_and_nothing_else),
		cmocka_unit_test(test_registries_are_listed_to_who_may_see_them_or_their_schemas),
		cmocka_unit_test(test_a_rename_asks_for_both_places),
		cmocka_unit_test(test_the_name_that_is_changed_is_the_name_that_is_asked_for),
		cmocka_unit_test(
			test_a_revoked_token_is_unknown_at_once_and_like_one_that_never_was),
		cmocka_unit_test(test_tokens_and_grants_outlive_the_daemon),
		cmocka_unit_test(test_a_token_that_is_held_in_revokes_none_but_itself),
		cmocka_unit_test(test_a_registry_is_deleted_by_who_may_write_its_schemas),
		cmocka_unit_test(test_who_administers_a_pattern_gives_rights_on_it_and_no_further),
		cmocka_unit_test(test_a_scope_bounds_what_grants_give),
		cmocka_unit_test(test_a_watch_ends_when_its_token_is_revoked_or_expires),
		cmocka_unit_test(test_a_watch_shows_what_grants_allow_at_the_moment),
		cmocka_unit_test(test_reads_writes_and_denials_are_written_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

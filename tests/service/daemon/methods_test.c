#include "tests/service/daemon/callers.h"

#include "service/serve.h"

#include <string.h>
#include <unistd.h>

/* Who may call what, method by method, of every service there is. */

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
	daemon_with_auth(&daemon);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method_is_for_whom_the_table_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

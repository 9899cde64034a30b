#include "tests/unit.h"

#include "service/serve.h"
#include "tenon/v1/access.pb-c.h"
#include "tenon/v1/connections.pb-c.h"
#include "tenon/v1/feed.pb-c.h"
#include "tenon/v1/functions.pb-c.h"
#include "tenon/v1/operations.pb-c.h"
#include "tenon/v1/registry.pb-c.h"
#include "tenon/v1/statistics.pb-c.h"
#include "tenon/v1/tags.pb-c.h"

#include "proto/json.h"

#include <string.h>

/* What a request of this method is about, as refusals name it: "a b" when there are two. */
static const char *about(struct arena *arena, const ProtobufCServiceDescriptor *service,
	const char *method, const char *json)
{
	unsigned at = 0;
	void *message;
	struct error err;
	while (at < service->n_methods && strcmp(service->methods[at].name, method) != 0)
		at++;
	assert_true(at < service->n_methods);
	const ProtobufCMethodDescriptor *found = &service->methods[at];
	assert_ok(json_parse(text_of(json), found->input, arena, &message, &err), &err);
	struct about rule = about_of(service->name, found->input);
	struct places places = places_of(&rule, message, arena);
	const char *all = "";
	for (size_t i = 0; i < places.count; i++)
		all = arena_printf(
			arena, "%s%s%s", all, i ? " " : "", place_name(&places.at[i], arena));
	return all;
}

#define CATALOG	    &tenon__v1__catalog__descriptor
#define JOBS	    &tenon__v1__jobs__descriptor
#define CONNECTIONS &tenon__v1__connections__descriptor
#define REGISTRY    &tenon__v1__registry__descriptor
#define FUNCTIONS   &tenon__v1__functions__descriptor
#define TAGS	    &tenon__v1__tags__descriptor
#define FEED	    &tenon__v1__feed__descriptor

static void test_a_request_is_about_what_its_fields_name(void **state)
{
	(void)state;
	static const struct {
		const ProtobufCServiceDescriptor *service;
		const char *method;
		const char *request;
		const char *about;
	} cases[] = {
		{CATALOG, "GetTable", "{'database': 'Sales', 'name': 'Orders'}", "sales.orders"},
		{CATALOG, "GetTable", "{'name': 'orders'}", "*"},
		{CATALOG, "CreateTable", "{'table': {'database': 'a', 'name': 'b'}}", "a.b"},
		{CATALOG, "CreateTable", "{}", "*"},
		{CATALOG, "UpdateTable", "{'table': {'database': 'a', 'name': 'b'}}", "a.b"},
		{CATALOG, "ListTables", "{}", "*"},
		{CATALOG, "ListTables", "{'database': 'a'}", "a.*"},
		{CATALOG, "GetDatabase", "{'name': 'a'}", "a.*"},
		{CATALOG, "CreateDatabase", "{'database': {'name': 'a'}}", "a.*"},
		{CATALOG, "UpdateDatabase", "{'name': 'a', 'database': {'name': 'b'}}", "a.*"},
		{CATALOG, "UndropDatabase", "{'name': 'a', 'new_name': 'b'}", "a.* b.*"},
		{CATALOG, "UndropTable", "{'database': 'a', 'name': 'b', 'new_name': 'c'}",
			"a.b a.c"},
		{CATALOG, "RenameTable", "{'database': 'a', 'name': 'b', 'new_name': 'c'}",
			"a.b a.c"},
		{CATALOG, "RenameTable", "{'database': 'a', 'name': 'b', 'new_database': 'c'}",
			"a.b c.b"},
		{CATALOG, "RenameTable",
			"{'database':'a', 'name': 'b', 'new_database': 'c', 'new_name': 'd'}",
			"a.b c.d"},
		{CATALOG, "DeleteTables", "{'database': 'a', 'names': ['b', 'c']}", "a.b a.c"},
		{CATALOG, "DeleteTables", "{'database': 'a'}", "a.*"},
		{CATALOG, "CreatePartitions", "{'database': 'a', 'table': 'b'}", "a.b"},
		{CATALOG, "DeletePartitionIndex", "{'database': 'a', 'table': 'b', 'name': 'c'}",
			"a.b"},
		{CATALOG, "PutRetention", "{}", "*"},
		{CATALOG, "PutRetention", "{'database': 'a', 'name': 'b'}", "a.b"},
		{CATALOG, "SearchTables", "{'query': 'a'}", "*"},
		{FUNCTIONS, "GetFunction", "{'database': 'a', 'name': 'b'}", "a.*"},
		{FUNCTIONS, "CreateFunction", "{'function': {'database': 'a', 'name': 'b'}}",
			"a.*"},
		{FUNCTIONS, "UpdateFunction",
			"{'database': 'a', 'name': 'b', 'function': {'database': 'c'}}", "a.*"},
		{TAGS, "TagResource", "{'resource': 'table/a/b'}", "a.b"},
		{TAGS, "TagResource", "{'resource': 'TABLE/A/B'}", "a.b"},
		{TAGS, "TagResource", "{'resource': 'database/a'}", "a.*"},
		{TAGS, "GetTags", "{'resource': 'job/Daily'}", "job/Daily"},
		{TAGS, "GetTags", "{'resource': 'schema/R/S'}", "schema/R/S"},
		{TAGS, "GetTags", "{'resource': 'table/'}", "*"},
		{TAGS, "GetTags", "{'resource': 'nothing'}", "*"},
		{TAGS, "GetTags", "{}", "*"},
		{FEED, "Watch", "{'database': 'a', 'table': 'b'}", "a.b"},
		{FEED, "Watch", "{}", "*"},
		{FEED, "ListChanges", "{'filter': {'database': 'a'}}", "a.*"},
		{FEED, "ListChanges", "{}", "*"},
		{FEED, "PutWebhook", "{'webhook': {'name': 'a'}}", "*"},
		{JOBS, "PutJob", "{'job': {'name': 'Daily'}}", "job/Daily"},
		{JOBS, "GetJob", "{'name': 'Daily'}", "job/Daily"},
		{JOBS, "StartJobRun", "{'job': 'daily'}", "job/daily"},
		{JOBS, "ListRuns", "{}", "job/*"},
		{JOBS, "GetRun", "{'run_id': 'x'}", "*"},
		{CONNECTIONS, "PutConnection", "{'connection': {'name': 'w'}}", "connection/w"},
		{CONNECTIONS, "DeleteConnections", "{'names': ['w', 'v']}",
			"connection/w connection/v"},
		{CONNECTIONS, "ListConnections", "{}", "*"},
		{REGISTRY, "GetSchema", "{'registry': 'R', 'name': 'S'}", "schema/R/S"},
		{REGISTRY, "GetSchema", "{'name': 'S'}", "schema/default-registry/S"},
		{REGISTRY, "GetSchema", "{'registry': 'R'}", "*"},
		{REGISTRY, "CreateSchema", "{'schema': {'registry': 'R', 'name': 'S'}}",
			"schema/R/S"},
		{REGISTRY, "RegisterSchemaVersion", "{'registry': 'R', 'schema': 'S'}",
			"schema/R/S"},
		/* An id may be of any schema, whatever else the request says. */
		{REGISTRY, "GetSchemaVersion", "{'id': 'x', 'registry': 'R', 'schema': 'S'}",
			"schema/*"},
		{REGISTRY, "PutSchemaVersionMetadata", "{'id': 'x', 'key': 'k'}", "schema/*"},
		{REGISTRY, "CreateRegistry", "{'registry': {'name': 'R'}}", "registry/R"},
		{REGISTRY, "DeleteRegistry", "{'name': 'R'}", "registry/R"},
		{REGISTRY, "ListSchemas", "{'registry': 'R'}", "registry/R"},
		{REGISTRY, "ListRegistries", "{}", "*"},
		{&tenon__v1__statistics__descriptor, "GetColumnStatistics",
			"{'database': 'a', 'table': 'b'}", "a.b"},
		{&tenon__v1__crawlers__descriptor, "StartCrawl", "{'path': '/x', 'database': 'a'}",
			"a.*"},
		{&tenon__v1__operations__descriptor, "Backup", "{}", "*"},
		{&tenon__v1__access__descriptor, "CreateToken", "{'principal': 'a'}", "*"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		OWNED(arena) arena = arena_new();
		char *json = arena_text(arena, text_of(cases[i].request));
		for (char *quote = json; (quote = strchr(quote, '\'')); quote++)
			*quote = '"';
		const char *got = about(arena, cases[i].service, cases[i].method, json);
		if (strcmp(got, cases[i].about) != 0)
			fail_msg("%s %s is about '%s', not '%s'", cases[i].method, cases[i].request,
				got, cases[i].about);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_is_about_what_its_fields_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

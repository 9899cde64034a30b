#include "tests/unit.h"

#include "proto/wire.h"
#include "rpc/descriptors.h"

static void every_method_has_its_streaming_flags(void **state)
{
	(void)state;
	static const struct {
		const char *service, *method;
		bool known, client, server;
	} rows[] = {
		{"tenon.v1.Catalog", "GetTable", true, false, false},
		{"tenon.v1.Jobs", "WatchRun", true, false, true},
		{"tenon.v1.Worker", "ReadLedger", true, false, true},
		{"grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", true, true, true},
		{"tenon.v1.Catalog", "Nope", false, false, false},
		{"tenon.v1.Nope", "GetTable", false, false, false},
		{"tenon.v1.Table", "name", false, false, false},
		{"", "", false, false, false},
	};
	OWNED(arena) arena = arena_new();
	struct descriptors set = descriptors_index(arena, wire_descriptors());
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool client = false;
		bool server = false;
		bool known = descriptors_method(
			&set, text_of(rows[i].service), text_of(rows[i].method), &client, &server);
		if (known != rows[i].known || client != rows[i].client || server != rows[i].server)
			fail_msg("%s/%s", rows[i].service, rows[i].method);
	}
}

static void a_symbol_is_found_in_the_file_that_declares_it(void **state)
{
	(void)state;
	static const struct {
		const char *symbol, *file;
	} rows[] = {
		{"tenon.v1.Catalog", "tenon/v1/catalog.proto"},
		{"tenon.v1.Catalog.GetTable", "tenon/v1/catalog.proto"},
		{"tenon.v1.GetTableRequest", "tenon/v1/catalog.proto"},
		{"tenon.v1.GetTableRequest.name", "tenon/v1/catalog.proto"},
		{"tenon.v1.RunState", "tenon/v1/jobs.proto"},
		{"tenon.v1.JobTask.ArgsEntry", "tenon/v1/worker.proto"}, /* a map's nested type */
		{"tenon.v1.JobTask.ArgsEntry.key", "tenon/v1/worker.proto"},
		{"tenon.v1.Node.kind", "tenon/v1/plan.proto"},
		{"grpc.health.v1.Health", "grpc/health/v1/health.proto"},
		{"grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"},
		{"tenon.v1", NULL},
		{"tenon.v1.", NULL},
		{"tenon.v1.Cat", NULL},
		{"tenon.v1.Catalog.", NULL},
		{"tenon.v1.CatalogX", NULL},
		{".tenon.v1.Catalog", NULL},
		{"Catalog", NULL},
		{"", NULL},
	};
	OWNED(arena) arena = arena_new();
	struct descriptors set = descriptors_index(arena, wire_descriptors());
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t file = descriptors_symbol(&set, text_of(rows[i].symbol));
		if (rows[i].file == NULL)
			assert_true(file == SIZE_MAX);
		else if (file == SIZE_MAX)
			fail_msg("'%s' is not found", rows[i].symbol);
		else
			assert_text_equal(set.files[file].name, rows[i].file);
	}
}

static void a_closure_is_the_file_and_its_imports_each_once(void **state)
{
	(void)state;
	OWNED(arena) arena = arena_new();
	struct descriptors set = descriptors_index(arena, wire_descriptors());
	size_t worker = descriptors_file(&set, TEXT("tenon/v1/worker.proto"));
	assert_true(worker != SIZE_MAX);
	size_t count;
	const size_t *files = descriptors_closure(&set, worker, arena, &count);
	assert_int_equal(files[0], worker);
	bool seen[64] = {false};
	for (size_t i = 0; i < count; i++) {
		assert_in_range(files[i], 0, 63);
		assert_false(seen[files[i]]);
		seen[files[i]] = true;
	}
	static const char *const imports[] = {"tenon/v1/crawlers.proto", "tenon/v1/jobs.proto",
		"tenon/v1/plan.proto", "tenon/v1/table.proto"};
	for (size_t i = 0; i < sizeof imports / sizeof *imports; i++)
		assert_true(seen[descriptors_file(&set, text_of(imports[i]))]);
}

static void a_set_cut_anywhere_is_read_without_harm(void **state)
{
	(void)state;
	struct text whole = wire_descriptors();
	for (size_t length = 0; length < whole.length; length += 37) {
		OWNED(arena) arena = arena_new();
		struct descriptors set = descriptors_index(arena, text_until(whole, length));
		bool client;
		bool server;
		(void)descriptors_method(
			&set, TEXT("tenon.v1.Worker"), TEXT("ReadLedger"), &client, &server);
		(void)descriptors_symbol(&set, TEXT("no.such.Symbol"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_method_has_its_streaming_flags),
		cmocka_unit_test(a_symbol_is_found_in_the_file_that_declares_it),
		cmocka_unit_test(a_closure_is_the_file_and_its_imports_each_once),
		cmocka_unit_test(a_set_cut_anywhere_is_read_without_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

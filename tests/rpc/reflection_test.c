#include "tests/rpc/fixture.h"

#include <sys/wait.h>

/* Reflection is for other people's tools, so it is tested by one. */

static const char *grpcurl(void)
{
	const char *told = getenv("TENON_GRPCURL");
	return told ? told : "grpcurl";
}

static int start(void **state)
{
	*state = fixture_start("127.0.0.1:0");
	return 0;
}

static int stop(void **state)
{
	fixture_stop(*state, 2000);
	return 0;
}

/* What grpcurl prints, errors too; -1 when it cannot be started. */
static int run(struct fixture *fixture, const char *before, const char *after, char *output,
	size_t output_size)
{
	char command[1024];
	(void)snprintf(command, sizeof command, "exec timeout 30 %s -plaintext %s %s %s 2>&1",
		grpcurl(), before, rpc_server_address(fixture->server), after);
	FILE *pipe = popen(command, "r");
	if (!pipe)
		return -1;
	size_t length = fread(output, 1, output_size - 1, pipe);
	output[length] = 0;
	while (fgetc(pipe) != EOF)
		;
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void skip_without_grpcurl(void)
{
	char command[512];
	(void)snprintf(command, sizeof command, "%s -version >/dev/null 2>&1", grpcurl());
	if (system(command) != 0) {
		print_message("skipped: grpcurl is not installed (or name it in TENON_GRPCURL)\n");
		skip();
	}
}

static void grpcurl_finds_and_calls_what_is_served(void **state)
{
	static const struct {
		const char *label, *before, *after;
		int exit;
		const char *words[4];
	} rows[] = {
		{"services", "", "list", 0,
			{"tenon.v1.Catalog\n", "tenon.v1.Jobs\n", "grpc.health.v1.Health\n",
				"grpc.reflection.v1alpha.ServerReflection\n"}},
		{"methods", "", "list tenon.v1.Catalog", 0, {"tenon.v1.Catalog.GetTable\n"}},
		{"a message", "", "describe tenon.v1.GetTableRequest", 0,
			{"message GetTableRequest", "string database = 1;"}},
		{"a nested type", "", "describe tenon.v1.RunState", 0,
			{"RUN_STATE_COMMITTING = 3"}},
		{"a unary call", "-d '{\"database\":\"sales\",\"name\":\"orders\"}'",
			"tenon.v1.Catalog/GetTable", 0, {"\"name\": \"orders\""}},
		{"a stream", "-d '{\"run_id\":\"0\",\"offset\":3}'", "tenon.v1.Jobs/ReadLog", 0,
			{"\"offset\": \"2\"", "\"offset\": \"1\""}},
		{"health", "", "grpc.health.v1.Health/Check", 0, {"SERVING"}},
		{"an error", "-d '{\"name\":\"missing\"}'", "tenon.v1.Catalog/GetTable", 69,
			{"Code: NotFound", "100% sure é"}},
		{"what is not served", "", "describe no.such.Thing", 1, {"not found"}},
	};
	skip_without_grpcurl();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char output[16384];
		int status = run(*state, rows[i].before, rows[i].after, output, sizeof output);
		for (int w = 0; w < 4 && rows[i].words[w]; w++) {
			if (!strstr(output, rows[i].words[w]))
				fail_msg("%s: '%s' is missing in:\n%s", rows[i].label,
					rows[i].words[w], output);
		}
		if (status != rows[i].exit)
			fail_msg("%s: exit %d, not %d:\n%s", rows[i].label, status, rows[i].exit,
				output);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			grpcurl_finds_and_calls_what_is_served, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

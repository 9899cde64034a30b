#include "service/commit_check.h"

#include "tests/unit.h"

#include <string.h>

static char run_id[] = "0001-2";
static char target[] = "/out/orders";

static enum status check(
	const char *from, const char *to, Tenon__V1__RunKind kind, struct error *err)
{
	OWNED(arena) arena = arena_new();
	char *targets[] = {target};
	Tenon__V1__Run run = TENON__V1__RUN__INIT;
	Tenon__Store__V1__RunRecord record = TENON__STORE__V1__RUN_RECORD__INIT;
	Tenon__V1__StagedFile file = TENON__V1__STAGED_FILE__INIT;
	Tenon__V1__StagedFile *files[] = {&file};
	Tenon__V1__CommitRunRequest request = TENON__V1__COMMIT_RUN_REQUEST__INIT;
	run.id = run_id;
	run.kind = kind;
	record.run = &run;
	record.stage_targets = targets;
	record.n_stage_targets = 1;
	file.from = arena_text(arena, text_of(from));
	file.to = arena_text(arena, text_of(to));
	request.files = files;
	request.n_files = 1;
	return commit_check(&record, &request, arena, err);
}

static void only_a_run_s_own_staged_files_are_published_and_only_under_its_targets(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		const char *from;
		const char *to;
		bool good;
	} rows[] = {
		{"as it should be", "/out/orders/.tenon-stage/0001-2/a", "/out/orders/a", true},
		{"in a partition", "/out/orders/.tenon-stage/0001-2/d=1/a", "/out/orders/d=1/a",
			true},
		{"another run's", "/out/orders/.tenon-stage/0001-3/a", "/out/orders/a", false},
		{"a run whose id begins alike", "/out/orders/.tenon-stage/0001-22/a",
			"/out/orders/a", false},
		{"the stage folder itself", "/out/orders/.tenon-stage/0001-2", "/out/orders/a",
			false},
		{"not staged", "/etc/passwd", "/out/orders/a", false},
		{"steps out of the stage", "/out/orders/.tenon-stage/0001-2/../../../x",
			"/out/orders/a", false},
		{"steps out of the target", "/out/orders/.tenon-stage/0001-2/a", "/out/orders/../a",
			false},
		{"beside the target", "/out/orders/.tenon-stage/0001-2/a", "/out/orders2/a", false},
		{"the target itself", "/out/orders/.tenon-stage/0001-2/a", "/out/orders", false},
		{"another place", "/out/orders/.tenon-stage/0001-2/a", "/home/a", false},
		{"a hidden name", "/out/orders/.tenon-stage/0001-2/a", "/out/orders/.a", false},
		{"a hidden folder", "/out/orders/.tenon-stage/0001-2/a", "/out/orders/_x/a", false},
		{"an empty step", "/out/orders/.tenon-stage/0001-2/a", "/out/orders//a", false},
		{"nothing", "", "", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct error err;
		enum status status =
			check(rows[i].from, rows[i].to, TENON__V1__RUN_KIND__RUN_KIND_JOB, &err);
		if (status != (rows[i].good ? STATUS_OK : STATUS_INVALID_ARGUMENT))
			fail_msg("%s: %s", rows[i].label, status_name(status));
	}
}

static void a_crawl_commits_no_files(void **state)
{
	(void)state;
	struct error err;
	assert_int_equal(check("/out/orders/.tenon-stage/0001-2/a", "/out/orders/a",
				 TENON__V1__RUN_KIND__RUN_KIND_CRAWL, &err),
		STATUS_FAILED_PRECONDITION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			only_a_run_s_own_staged_files_are_published_and_only_under_its_targets),
		cmocka_unit_test(a_crawl_commits_no_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

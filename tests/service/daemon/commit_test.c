#include "tests/service/daemon/daemon_process.h"

#include "jobs/run_state.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whatever dies at whatever step of a commit, its outputs are there exactly once,
 * with its bookmark and its partitions, or none of them is. */

enum { FILES = 3 };

static size_t visible_files(const char *folder)
{
	size_t count = 0;
	DIR *open = opendir(folder);
	for (struct dirent *entry = open ? readdir(open) : NULL; entry; entry = readdir(open))
		count += entry->d_name[0] != '.';
	if (open)
		(void)closedir(open);
	return count;
}

static void assert_published(struct daemon_process *daemon, const char *target, const char *prefix)
{
	for (unsigned i = 0; i < FILES; i++) {
		char expected[64];
		char got[64] = "";
		char *path = arena_printf(daemon->arena, "%s/%s-%u.csv", target, prefix, i);
		(void)snprintf(expected, sizeof expected, "one row of %s %u\n", prefix, i);
		FILE *file = fopen(path, "re");
		if (!file)
			fail_msg("'%s' was not published", path);
		assert_non_null(fgets(got, sizeof got, file));
		(void)fclose(file);
		assert_string_equal(got, expected);
	}
}

static size_t bookmarked_files(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__GetBookmarkRequest request = TENON__V1__GET_BOOKMARK_REQUEST__INIT;
	Tenon__V1__GetBookmarkResponse *response;
	request.job = arena_printf(daemon->arena, "hourly");
	request.with_files = true;
	assert_ok(daemon_call(daemon, &tenon__v1__jobs__descriptor, "GetBookmark", &request,
			  &response, &err),
		&err);
	return response->n_files;
}

static size_t partitions(struct daemon_process *daemon)
{
	struct error err;
	Tenon__V1__ListPartitionsRequest request = TENON__V1__LIST_PARTITIONS_REQUEST__INIT;
	Tenon__V1__ListPartitionsResponse *response;
	request.database = arena_printf(daemon->arena, "out");
	request.table = arena_printf(daemon->arena, "orders");
	enum status status = daemon_call(daemon, &tenon__v1__catalog__descriptor, "ListPartitions",
		&request, &response, &err);
	if (status == STATUS_NOT_FOUND)
		return 0;
	assert_int_equal(status, STATUS_OK);
	return response->n_partitions;
}

/* The sweep follows the run's end; it has a moment. */
static void assert_stage_is_gone(const char *target, const char *run_id)
{
	char stage[512];
	(void)snprintf(stage, sizeof stage, "%s/.tenon-stage/%s", target, run_id);
	for (int i = 0; i < 500 && access(stage, F_OK) == 0; i++)
		(void)usleep(10000);
	if (access(stage, F_OK) == 0)
		fail_msg("'%s' was left", stage);
}

static void assert_state(const Tenon__V1__Run *run, Tenon__V1__RunState state)
{
	if (run->state != state)
		fail_msg("run is %s: %s", run_state_name(run->state), run->error);
}

static void an_undisturbed_run_publishes_files_bookmark_and_partition(void **state)
{
	(void)state;
	struct daemon_process daemon;
	daemon_init(&daemon);
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	char *target = test_path(&daemon, "out");
	struct arg first[] = {{"do", "commit"}, {"target", target}, {"prefix", "a"}};
	struct arg second[] = {{"do", "commit"}, {"target", target}, {"prefix", "b"}};
	const char *id = start_run(&daemon, "hourly", first, 3);
	Tenon__V1__Run *run = wait_run(&daemon, id);
	assert_state(run, TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	assert_int_equal(run->n_targets, 1);
	assert_int_equal(run->targets[0]->partitions_added, 1);
	assert_published(&daemon, target, "a");
	assert_stage_is_gone(target, id);
	assert_int_equal(get_table(&daemon, "out", "orders")->version, 0);
	assert_state(wait_run(&daemon, start_run(&daemon, "hourly", second, 3)),
		TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	assert_int_equal(visible_files(target), 2 * FILES);
	assert_int_equal(bookmarked_files(&daemon), 2 * FILES);
	assert_int_equal(partitions(&daemon), 2);
	assert_int_equal(get_table(&daemon, "out", "orders")->version, 0);
	daemon_done(&daemon);
}

static const struct {
	const char *point;
	bool committed;
} faults[] = {
	{"before-intent", false},
	{"after-intent", true},
	{"mid-publish", true},
	{"after-publish", true},
	{"before-success", true},
};

static void a_daemon_killed_anywhere_in_a_commit_leaves_all_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct daemon_process daemon;
		bool committed = faults[i].committed;
		daemon_init(&daemon);
		char *target = test_path(&daemon, "out");
		const char *environment[] = {
			arena_printf(daemon.arena, "TENON_FAULT=%s", faults[i].point), NULL};
		struct arg args[] = {{"do", "commit"}, {"target", target}, {"prefix", "a"}};
		daemon_start(&daemon, NULL, environment);
		put_job(&daemon, "hourly", 0, 1);
		const char *id = start_run(&daemon, "hourly", args, 3);
		daemon_wait_killed(&daemon);

		daemon_start(&daemon, NULL, NULL);
		print_message("killed at %s\n", faults[i].point);
		assert_state(
			wait_run(&daemon, id), committed ? TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED
							 : TENON__V1__RUN_STATE__RUN_STATE_FAILED);
		assert_stage_is_gone(target, id);
		assert_int_equal(visible_files(target), committed ? FILES : 0);
		assert_int_equal(bookmarked_files(&daemon), committed ? FILES : 0);
		assert_int_equal(partitions(&daemon), committed ? 1 : 0);
		if (!committed) {
			/* Nothing was remembered, so the next run does it all. */
			assert_state(wait_run(&daemon, start_run(&daemon, "hourly", args, 3)),
				TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
		}
		assert_published(&daemon, target, "a");
		assert_int_equal(visible_files(target), FILES);
		assert_int_equal(bookmarked_files(&daemon), FILES);
		daemon_done(&daemon);
	}
}

static void a_roll_forward_that_is_killed_too_is_rolled_forward_again(void **state)
{
	(void)state;
	static const char *const again[] = {"mid-publish", "after-publish", "before-success"};
	struct daemon_process daemon;
	daemon_init(&daemon);
	char *target = test_path(&daemon, "out");
	static const char *const intent[] = {"TENON_FAULT=after-intent", NULL};
	struct arg args[] = {{"do", "commit"}, {"target", target}, {"prefix", "a"}};
	daemon_start(&daemon, NULL, intent);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", args, 3);
	daemon_wait_killed(&daemon);
	for (size_t i = 0; i < sizeof again / sizeof *again; i++) {
		const char *environment[] = {
			arena_printf(daemon.arena, "TENON_FAULT=%s", again[i]), NULL};
		/* It may die before it is ready: the roll forward does not wait. */
		daemon_try_with(&daemon, environment);
	}
	daemon_start(&daemon, NULL, NULL);
	assert_state(wait_run(&daemon, id), TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	assert_published(&daemon, target, "a");
	assert_int_equal(visible_files(target), FILES);
	assert_int_equal(bookmarked_files(&daemon), FILES);
	assert_stage_is_gone(target, id);
	daemon_done(&daemon);
}

static void a_file_in_the_way_holds_a_commit_up_but_is_never_overwritten(void **state)
{
	(void)state;
	struct daemon_process daemon;
	daemon_init(&daemon);
	char *target = test_path(&daemon, "out");
	struct arg args[] = {{"do", "commit"}, {"target", target}, {"prefix", "a"}};
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	assert_int_equal(mkdir(target, 0700), 0);
	char *in_the_way = arena_printf(daemon.arena, "%s/a-1.csv", target);
	write_file(in_the_way, "somebody else's, and of another size\n");
	const char *id = start_run(&daemon, "hourly", args, 3);
	(void)wait_run_state(&daemon, id, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING);
	(void)usleep(300000);
	Tenon__V1__Run *held_up = get_run(&daemon, id);
	assert_state(held_up, TENON__V1__RUN_STATE__RUN_STATE_COMMITTING);
	assert_non_null(strstr(held_up->error, in_the_way));
	assert_non_null(strstr(held_up->error, "move what is there away"));
	char line[64] = "";
	FILE *file = fopen(in_the_way, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	(void)fclose(file);
	assert_string_equal(line, "somebody else's, and of another size\n");
	assert_int_equal(unlink(in_the_way), 0);
	Tenon__V1__Run *run = wait_run(&daemon, id);
	assert_state(run, TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	assert_string_equal(run->error, "");
	assert_published(&daemon, target, "a");
	daemon_done(&daemon);
}

static void what_a_crash_kept_from_being_swept_is_swept_at_the_next_start(void **state)
{
	(void)state;
	struct daemon_process daemon;
	daemon_init(&daemon);
	char *target = test_path(&daemon, "out");
	struct arg args[] = {{"do", "steal"}, {"target", target}};
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	const char *id = start_run(&daemon, "hourly", args, 2);
	assert_state(wait_run(&daemon, id), TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	assert_stage_is_gone(target, id);
	daemon_kill(&daemon);
	/* As it stands when the daemon dies between the run's end and the sweep. */
	char *stage = arena_printf(daemon.arena, "%s/.tenon-stage", target);
	(void)mkdir(target, 0700);
	(void)mkdir(stage, 0700);
	assert_int_equal(mkdir(arena_printf(daemon.arena, "%s/%s", stage, id), 0700), 0);
	write_file(arena_printf(daemon.arena, "%s/%s/half.csv", stage, id), "half a row");
	write_file(arena_printf(daemon.arena, "%s/data/stages/%s", daemon.folder, id), "");
	daemon_start(&daemon, NULL, NULL);
	assert_stage_is_gone(target, id);
	daemon_done(&daemon);
}

static void a_run_s_output_widens_its_table_or_is_refused_before_anything_shows(void **state)
{
	(void)state;
	struct daemon_process daemon;
	daemon_init(&daemon);
	char *target = test_path(&daemon, "out");
	struct arg ints[] = {{"do", "commit"}, {"target", target}, {"prefix", "a"}};
	struct arg longs[] = {
		{"do", "commit"}, {"target", target}, {"prefix", "b"}, {"type", "bigint"}};
	struct arg dates[] = {
		{"do", "commit"}, {"target", target}, {"prefix", "c"}, {"type", "date"}};
	daemon_start(&daemon, NULL, NULL);
	put_job(&daemon, "hourly", 0, 1);
	(void)wait_run(&daemon, start_run(&daemon, "hourly", ints, 3));
	assert_state(wait_run(&daemon, start_run(&daemon, "hourly", longs, 4)),
		TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED);
	Tenon__V1__Table *table = get_table(&daemon, "out", "orders");
	assert_string_equal(table->storage->columns[0]->type, "bigint");
	assert_int_equal(table->version, 1);
	Tenon__V1__Run *run = wait_run(&daemon, start_run(&daemon, "hourly", dates, 4));
	assert_state(run, TENON__V1__RUN_STATE__RUN_STATE_FAILED);
	assert_non_null(strstr(run->error, "'amount' is bigint and the run wrote date"));
	assert_int_equal(visible_files(target), 2 * FILES);
	assert_int_equal(bookmarked_files(&daemon), 2 * FILES);
	daemon_done(&daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_undisturbed_run_publishes_files_bookmark_and_partition),
		cmocka_unit_test(a_daemon_killed_anywhere_in_a_commit_leaves_all_or_nothing),
		cmocka_unit_test(a_roll_forward_that_is_killed_too_is_rolled_forward_again),
		cmocka_unit_test(a_file_in_the_way_holds_a_commit_up_but_is_never_overwritten),
		cmocka_unit_test(what_a_crash_kept_from_being_swept_is_swept_at_the_next_start),
		cmocka_unit_test(
			a_run_s_output_widens_its_table_or_is_refused_before_anything_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

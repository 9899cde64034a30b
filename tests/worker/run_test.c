#include "tests/unit.h"

#include "proto/wire.h"
#include "rpc/call.h"
#include "rpc/server.h"
#include "tenon/v1/catalog.pb-c.h"
#include "tenon/v1/worker.pb-c.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real program against a daemon that the test plays: it hands out one task and
 * keeps what the worker sent. */

#define TOKEN "run-1.s3cret"

struct desk {
	Tenon__V1__Worker_Service worker;
	Tenon__V1__Catalog_Service catalog;
	struct rpc_server *server;
	char folder[64];
	char address[128];
	char program[512];
	struct arena *words; /* of the test's own thread */
	bool serves;

	Tenon__V1__GetTaskResponse task;
	Tenon__V1__JobTask job_task;
	Tenon__V1__CrawlTask crawl_task;
	Tenon__V1__CrawlOptions crawl_options;
	Tenon__V1__Job job;
	Tenon__V1__Plan plan;
	Tenon__V1__Node nodes[2];
	Tenon__V1__Node *node_list[2];
	char *target_inputs[1];
	Tenon__V1__Source source;
	Tenon__V1__Target target;
	char source_path[128];
	char target_path[128];

	bool cancel; /* the answer to every report */
	unsigned bookmark_wait_ms; /* a slow bookmark keeps the worker busy */

	pthread_mutex_t lock; /* for what follows */
	struct arena *arena; /* of what was seen */
	unsigned refused, begun, reports;
	Tenon__V1__CommitRunRequest *commit;
	Tenon__V1__FailRunRequest *failure;
	Tenon__V1__ApplyCrawlRequest *applied;
};

static struct desk desk;

static bool admitted(struct rpc_call *call)
{
	if (text_equal(text_of(rpc_caller(call)->bearer), TEXT(TOKEN)))
		return true;
	struct error err;
	(void)pthread_mutex_lock(&desk.lock);
	desk.refused++;
	(void)pthread_mutex_unlock(&desk.lock);
	(void)fail(&err, STATUS_UNAUTHENTICATED, "the token is not that of a running run");
	rpc_fail(call, &err);
	return false;
}

#define HANDLER(name, Name)                                                 \
	static void name(Tenon__V1__Worker_Service *service,                \
		const Tenon__V1__##Name##Request *request,                  \
		Tenon__V1__##Name##Response_Closure reply, void *call_data) \
	{                                                                   \
		(void)service;                                              \
		if (!admitted(rpc_call_of(call_data)))                      \
			return;                                             \
		(void)pthread_mutex_lock(&desk.lock);                       \
		name##_seen(request);                                       \
		reply(name##_answer(), call_data);                          \
		(void)pthread_mutex_unlock(&desk.lock);                     \
	}

static void *keep(const void *request)
{
	return wire_copy(desk.arena, request);
}

static void get_task_seen(const Tenon__V1__GetTaskRequest *request)
{
	(void)request;
}
static const Tenon__V1__GetTaskResponse *get_task_answer(void)
{
	return &desk.task;
}
HANDLER(get_task, GetTask)

static void report_seen(const Tenon__V1__ReportRequest *request)
{
	assert_non_null(request->progress);
	desk.reports++;
}
static const Tenon__V1__ReportResponse *report_answer(void)
{
	static Tenon__V1__ReportResponse answer = TENON__V1__REPORT_RESPONSE__INIT;
	answer.cancel = desk.cancel;
	return &answer;
}
HANDLER(report, Report)

static void begin_output_seen(const Tenon__V1__BeginOutputRequest *request)
{
	desk.begun += (unsigned)request->n_targets;
}
static const Tenon__V1__BeginOutputResponse *begin_output_answer(void)
{
	static const Tenon__V1__BeginOutputResponse answer = TENON__V1__BEGIN_OUTPUT_RESPONSE__INIT;
	return &answer;
}
HANDLER(begin_output, BeginOutput)

static void commit_run_seen(const Tenon__V1__CommitRunRequest *request)
{
	desk.commit = keep(request);
}
static const Tenon__V1__CommitRunResponse *commit_run_answer(void)
{
	static const Tenon__V1__CommitRunResponse answer = TENON__V1__COMMIT_RUN_RESPONSE__INIT;
	return &answer;
}
HANDLER(commit_run, CommitRun)

static void fail_run_seen(const Tenon__V1__FailRunRequest *request)
{
	desk.failure = keep(request);
}
static const Tenon__V1__FailRunResponse *fail_run_answer(void)
{
	static const Tenon__V1__FailRunResponse answer = TENON__V1__FAIL_RUN_RESPONSE__INIT;
	return &answer;
}
HANDLER(fail_run, FailRun)

static void apply_crawl_seen(const Tenon__V1__ApplyCrawlRequest *request)
{
	desk.applied = keep(request);
}
static const Tenon__V1__ApplyCrawlResponse *apply_crawl_answer(void)
{
	static const Tenon__V1__ApplyCrawlResponse answer = TENON__V1__APPLY_CRAWL_RESPONSE__INIT;
	return &answer;
}
HANDLER(apply_crawl, ApplyCrawl)

static void end_at_once(struct rpc_call *call, void *state)
{
	unsigned *wait_ms = state;
	(void)usleep(*wait_ms * 1000);
	rpc_stream_end(call);
}

static void stream_closed(void *state)
{
	(void)state;
}

static const struct rpc_stream_ops empty_stream = {end_at_once, stream_closed};

static void read_bookmark(Tenon__V1__Worker_Service *service,
	const Tenon__V1__ReadBookmarkRequest *request,
	Tenon__V1__ReadBookmarkResponse_Closure reply, void *call_data)
{
	(void)service;
	(void)request;
	(void)reply;
	if (admitted(rpc_call_of(call_data)))
		rpc_stream(rpc_call_of(call_data), &empty_stream, &desk.bookmark_wait_ms);
}

static void read_ledger(Tenon__V1__Worker_Service *service,
	const Tenon__V1__ReadLedgerRequest *request, Tenon__V1__ReadLedgerResponse_Closure reply,
	void *call_data)
{
	(void)service;
	(void)request;
	(void)reply;
	if (admitted(rpc_call_of(call_data)))
		rpc_stream(rpc_call_of(call_data), &empty_stream, &desk.bookmark_wait_ms);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void folder_made(const char *path)
{
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
}

/* A job that copies DIR/in/orders.csv to DIR/out as Parquet. */
static void job_prepared(void)
{
	desk.source = (Tenon__V1__Source)TENON__V1__SOURCE__INIT;
	desk.target = (Tenon__V1__Target)TENON__V1__TARGET__INIT;
	desk.source.path = desk.source_path;
	static char csv[] = "csv";
	desk.source.format = csv;
	desk.target.path = desk.target_path;
	static char from[] = "orders";
	static char to[] = "copied";
	for (int i = 0; i < 2; i++) {
		desk.nodes[i] = (Tenon__V1__Node)TENON__V1__NODE__INIT;
		desk.node_list[i] = &desk.nodes[i];
	}
	desk.nodes[0].name = from;
	desk.nodes[0].kind_case = TENON__V1__NODE__KIND_SOURCE;
	desk.nodes[0].source = &desk.source;
	desk.nodes[1].name = to;
	desk.nodes[1].kind_case = TENON__V1__NODE__KIND_TARGET;
	desk.nodes[1].target = &desk.target;
	desk.target_inputs[0] = from;
	desk.nodes[1].inputs = desk.target_inputs;
	desk.nodes[1].n_inputs = 1;
	desk.plan = (Tenon__V1__Plan)TENON__V1__PLAN__INIT;
	desk.plan.nodes = desk.node_list;
	desk.plan.n_nodes = 2;
	desk.job = (Tenon__V1__Job)TENON__V1__JOB__INIT;
	static char name[] = "copy";
	desk.job.name = name;
	desk.job.plan = &desk.plan;
	desk.job_task = (Tenon__V1__JobTask)TENON__V1__JOB_TASK__INIT;
	desk.job_task.job = &desk.job;
	desk.job_task.memory_bytes = 256 << 20;
	desk.job_task.threads = 2;
	desk.task.task_case = TENON__V1__GET_TASK_RESPONSE__TASK_JOB;
	desk.task.job = &desk.job_task;
}

static void crawl_prepared(void)
{
	desk.crawl_options = (Tenon__V1__CrawlOptions)TENON__V1__CRAWL_OPTIONS__INIT;
	desk.crawl_task = (Tenon__V1__CrawlTask)TENON__V1__CRAWL_TASK__INIT;
	static char database[] = "sales";
	desk.crawl_task.path = desk.source_path;
	desk.crawl_task.database = database;
	desk.crawl_task.options = &desk.crawl_options;
	desk.crawl_task.threads = 2;
	desk.task.task_case = TENON__V1__GET_TASK_RESPONSE__TASK_CRAWL;
	desk.task.crawl = &desk.crawl_task;
}

static int start(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	desk = (struct desk){.folder = "/tmp/tenon-worker-XXXXXX"};
	assert_non_null(mkdtemp(desk.folder));
	desk.arena = arena_new();
	desk.words = arena_new();
	(void)pthread_mutex_init(&desk.lock, NULL);
	(void)snprintf(desk.address, sizeof desk.address, "unix:%s/socket", desk.folder);
	(void)snprintf(desk.source_path, sizeof desk.source_path, "%s/in", desk.folder);
	(void)snprintf(desk.target_path, sizeof desk.target_path, "%s/out", desk.folder);
	char here[400];
	ssize_t length = readlink("/proc/self/exe", here, sizeof here);
	assert_true(length > 0);
	struct text folder = {here, (size_t)length};
	folder = text_until(folder, text_find_last(folder, '/'));
	(void)snprintf(desk.program, sizeof desk.program, "%.*s/tenon-worker", TEXT_ARG(folder));
	folder_made(desk.source_path);
	char path[160];
	(void)snprintf(path, sizeof path, "%s/orders.csv", desk.source_path);
	write_file(path, "id,name,amount\n1,ann,1.5\n2,bob,2.5\n3,cyd,3.5\n");

	desk.task = (Tenon__V1__GetTaskResponse)TENON__V1__GET_TASK_RESPONSE__INIT;
	static char id[] = "run-1";
	desk.task.run_id = id;
	desk.worker = (Tenon__V1__Worker_Service){
		.base = {.descriptor = &tenon__v1__worker__descriptor,
			.invoke = protobuf_c_service_invoke_internal},
		.get_task = get_task,
		.report = report,
		.read_ledger = read_ledger,
		.apply_crawl = apply_crawl,
		.read_bookmark = read_bookmark,
		.begin_output = begin_output,
		.commit_run = commit_run,
		.fail_run = fail_run,
	};
	desk.catalog = (Tenon__V1__Catalog_Service){
		.base = {.descriptor = &tenon__v1__catalog__descriptor,
			.invoke = protobuf_c_service_invoke_internal},
	};
	struct text descriptors = wire_descriptors();
	const struct rpc_server_options options = {.address = desk.address,
		.descriptors = descriptors.at,
		.descriptors_length = descriptors.length,
		.pollers = 2};
	struct error err;
	assert_ok(rpc_server_new(&options, &desk.server, &err), &err);
	rpc_server_add(desk.server, &desk.worker.base);
	rpc_server_add(desk.server, &desk.catalog.base);
	return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	(void)about;
	(void)kind;
	(void)walk;
	return remove(path);
}

static int stop(void **state)
{
	(void)state;
	rpc_server_stop(desk.server, 2000);
	rpc_server_free(desk.server);
	arena_free(desk.arena);
	arena_free(desk.words);
	(void)pthread_mutex_destroy(&desk.lock);
	(void)nftw(desk.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static void skip_without_program(void)
{
	if (access(desk.program, X_OK) != 0) {
		print_message("skipped: %s is not built\n", desk.program);
		skip();
	}
}

/* From now on; what the test has prepared is seen by the pollers. */
static void serve(void)
{
	struct error err;
	(void)pthread_mutex_lock(&desk.lock);
	(void)pthread_mutex_unlock(&desk.lock);
	if (!desk.serves)
		assert_ok(rpc_server_start(desk.server, &err), &err);
	desk.serves = true;
}

/* Start `tenon-worker WORDS...`; its output goes to FOLDER/log. */
static pid_t spawn(const char *const *words, const char *const *environment)
{
	serve();
	char *arguments[16] = {desk.program};
	char *variables[16];
	size_t count = 1;
	for (size_t i = 0; words[i]; i++)
		arguments[count++] = arena_text(desk.words, text_of(words[i]));
	arguments[count] = NULL;
	count = 0;
	for (size_t i = 0; environment[i]; i++)
		variables[count++] = arena_text(desk.words, text_of(environment[i]));
	const char *tsan = getenv("TSAN_OPTIONS");
	if (tsan)
		variables[count++] = arena_printf(desk.words, "TSAN_OPTIONS=%s", tsan);
	variables[count] = NULL;
	char log[128];
	(void)snprintf(log, sizeof log, "%s/log", desk.folder);
	posix_spawn_file_actions_t files;
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(
		&files, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	(void)posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
	pid_t pid = 0;
	assert_int_equal(posix_spawn(&pid, desk.program, &files, NULL, arguments, variables), 0);
	(void)posix_spawn_file_actions_destroy(&files);
	return pid;
}

static int wait_for(pid_t pid)
{
	int how = 0;
	for (int i = 0; i < 6000; i++) {
		if (waitpid(pid, &how, WNOHANG) == pid) {
			/* After what its last call left. */
			(void)pthread_mutex_lock(&desk.lock);
			(void)pthread_mutex_unlock(&desk.lock);
			return how;
		}
		(void)usleep(10000);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &how, 0);
	fail_msg("the worker did not end in a minute");
	return how;
}

static const char *log_text(void)
{
	char log[128];
	(void)snprintf(log, sizeof log, "%s/log", desk.folder);
	FILE *file = fopen(log, "r");
	assert_non_null(file);
	char *text = arena_alloc(desk.words, 65536);
	size_t length = fread(text, 1, 65535, file);
	text[length] = 0;
	(void)fclose(file);
	return text;
}

static void log_says(const char *words)
{
	const char *text = log_text();
	if (!strstr(text, words))
		fail_msg("'%s' is not in the log:\n%s", words, text);
}

static int run_with(const char *token, const char *fault)
{
	const char *const words[] = {"run", "--address", desk.address, "--run", "run-1", NULL};
	char variable[128];
	(void)snprintf(variable, sizeof variable, "TENON_FAULT=%s", fault);
	const char *const environment[] = {token, variable, NULL};
	return wait_for(spawn(words, environment));
}

static int run_task(void)
{
	return run_with("TENON_RUN_TOKEN=" TOKEN, "");
}

static void a_job_is_run_and_committed_once(void **state)
{
	(void)state;
	skip_without_program();
	job_prepared();
	int how = run_task();
	if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
		fail_msg("%s", log_text());
	assert_non_null(desk.commit);
	assert_null(desk.failure);
	assert_int_equal(desk.begun, 1);
	assert_int_equal(desk.commit->n_files, 1);
	assert_int_equal(desk.commit->stats->rows_written, 3);
	assert_int_equal(desk.commit->n_bookmarks, 1);
	assert_int_equal(desk.commit->bookmarks[0]->n_files, 1);
	struct stat about;
	assert_int_equal(stat(desk.commit->files[0]->from, &about), 0);
	assert_true((uint64_t)about.st_size == desk.commit->files[0]->bytes);
	log_says("run run-1: done");
}

static void a_crawl_is_applied_once(void **state)
{
	(void)state;
	skip_without_program();
	crawl_prepared();
	int how = run_task();
	if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
		fail_msg("%s", log_text());
	assert_null(desk.failure);
	assert_non_null(desk.applied);
	assert_string_equal(desk.applied->database, "sales");
	assert_int_equal(desk.applied->n_tables, 1);
	const Tenon__V1__Table *table = desk.applied->tables[0]->table;
	assert_non_null(table);
	assert_int_equal(table->storage->n_columns, 3);
}

static void a_failure_is_reported_with_its_reason(void **state)
{
	(void)state;
	skip_without_program();
	job_prepared();
	(void)strcpy(desk.source_path, "/no/such/folder");
	int how = run_task();
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 1);
	assert_null(desk.commit);
	assert_non_null(desk.failure);
	assert_false(desk.failure->cancelled);
	assert_non_null(strstr(desk.failure->error, "/no/such/folder"));
	log_says(desk.failure->error);
}

static void a_report_that_says_stop_cancels_the_run(void **state)
{
	(void)state;
	skip_without_program();
	job_prepared();
	desk.cancel = true;
	desk.bookmark_wait_ms = 1500;
	int how = run_task();
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 1);
	assert_true(desk.reports > 0);
	assert_null(desk.commit);
	assert_non_null(desk.failure);
	assert_true(desk.failure->cancelled);
}

static void sigterm_cancels_the_run(void **state)
{
	(void)state;
	skip_without_program();
	job_prepared();
	desk.bookmark_wait_ms = 1500;
	const char *const words[] = {"run", "run-1", NULL};
	char address[160];
	(void)snprintf(address, sizeof address, "TENON_ADDRESS=%s", desk.address);
	const char *const environment[] = {"TENON_RUN_TOKEN=" TOKEN, address, NULL};
	pid_t pid = spawn(words, environment);
	for (int i = 0; i < 1000; i++) { /* the first report comes when it is at work */
		(void)usleep(10000);
		(void)pthread_mutex_lock(&desk.lock);
		bool works = desk.reports > 0;
		(void)pthread_mutex_unlock(&desk.lock);
		if (works)
			break;
	}
	assert_int_equal(kill(pid, SIGTERM), 0);
	int how = wait_for(pid);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 1);
	assert_null(desk.commit);
	assert_non_null(desk.failure);
	assert_true(desk.failure->cancelled);
}

static void a_wrong_token_ends_the_worker(void **state)
{
	(void)state;
	skip_without_program();
	job_prepared();
	static const char *const tokens[] = {"TENON_RUN_TOKEN=wrong", "OTHER=x"};
	for (int i = 0; i < 2; i++) {
		int how = run_with(tokens[i], "");
		assert_true(WIFEXITED(how));
		assert_int_equal(WEXITSTATUS(how), 1);
		assert_null(desk.commit);
		log_says("the token is not that of a running run");
	}
}

static void a_worker_without_a_daemon_says_so(void **state)
{
	(void)state;
	skip_without_program();
	const char *const words[] = {
		"run", "--address", "unix:/no/such/socket", "--run", "r", NULL};
	const char *const environment[] = {NULL};
	int how = wait_for(spawn(words, environment));
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 1);
	log_says("no tenond answers at 'unix:/no/such/socket'");
}

static void a_killed_worker_has_committed_nothing_unless_it_was_after_the_commit(void **state)
{
	(void)state;
	static const struct {
		const char *point;
		bool is_crawl, is_done;
	} rows[] = {
		{"after-task", false, false},
		{"after-begin-output", false, false},
		{"mid-write", false, false},
		{"after-stage", false, false},
		{"before-commit", false, false},
		{"after-commit", false, true},
		{"after-ledger", true, false},
		{"before-apply", true, false},
		{"after-apply", true, true},
	};
	skip_without_program();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		rows[i].is_crawl ? crawl_prepared() : job_prepared();
		desk.commit = NULL;
		desk.applied = NULL;
		int how = run_with("TENON_RUN_TOKEN=" TOKEN, rows[i].point);
		if (!WIFSIGNALED(how) || WTERMSIG(how) != SIGKILL)
			fail_msg("%s: the point was not met:\n%s", rows[i].point, log_text());
		bool done = desk.commit || desk.applied;
		if (done != rows[i].is_done)
			fail_msg("%s: committed %d", rows[i].point, done);
		assert_null(desk.failure);
	}
}

static void usage_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *words[6];
		int exit;
		const char *says;
	} rows[] = {
		{{"--help"}, 0, "usage: tenon-worker COMMAND"},
		{{"sql", "--help"}, 0, "usage: tenon-worker COMMAND"},
		{{NULL}, 2, "usage: tenon-worker COMMAND"},
		{{"nope"}, 2, "there is no command 'nope'"},
		{{"run"}, 2, "usage: tenon-worker run"},
		{{"infer"}, 2, "usage: tenon-worker infer"},
		{{"infer", "--nope", "x"}, 2, "there is no option '--nope'"},
		{{"sql", "SELECT 1"}, 2, "usage: tenon-worker sql"},
		{{"sql", "--address", "x", "SELECT 1"}, 2, "neither unix:PATH nor HOST:PORT"},
		{{"sql", "--format", "xml", "SELECT 1"}, 2,
			"--format is table, json, csv or jsonl"},
		{{"sql", "--memory", "lots", "SELECT 1"}, 2, "'lots' of --memory is not a number"},
		{{"infer", "/no/such/file"}, 1, "/no/such/file"},
	};
	skip_without_program();
	const char *const environment[] = {NULL};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int how = wait_for(spawn(rows[i].words, environment));
		if (!WIFEXITED(how) || WEXITSTATUS(how) != rows[i].exit)
			fail_msg("row %zu: %d\n%s", i, how, log_text());
		log_says(rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
		CASE(a_job_is_run_and_committed_once),
		CASE(a_crawl_is_applied_once),
		CASE(a_failure_is_reported_with_its_reason),
		CASE(a_report_that_says_stop_cancels_the_run),
		CASE(sigterm_cancels_the_run),
		CASE(a_wrong_token_ends_the_worker),
		CASE(a_worker_without_a_daemon_says_so),
		CASE(a_killed_worker_has_committed_nothing_unless_it_was_after_the_commit),
		CASE(usage_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

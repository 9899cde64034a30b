#include "jobs/admit.h"

#include "tests/unit.h"

#include <string.h>

static char job_name[] = "hourly";

struct open_run {
	Tenon__V1__Run run;
	Tenon__V1__StartCrawlRequest crawl;
	Tenon__V1__CrawlOptions options;
	Tenon__Store__V1__RunRecord record;
};

static Tenon__Store__V1__RunRecord *open_job(struct open_run *open, uint64_t job_id)
{
	static char id[] = "run-7";
	open->run = (Tenon__V1__Run)TENON__V1__RUN__INIT;
	open->run.id = id;
	open->run.kind = TENON__V1__RUN_KIND__RUN_KIND_JOB;
	open->record = (Tenon__Store__V1__RunRecord)TENON__STORE__V1__RUN_RECORD__INIT;
	open->record.run = &open->run;
	open->record.job_id = job_id;
	return &open->record;
}

static void set_crawl(Tenon__V1__StartCrawlRequest *crawl, Tenon__V1__CrawlOptions *options,
	char *path, char *database, bool plan)
{
	*options = (Tenon__V1__CrawlOptions)TENON__V1__CRAWL_OPTIONS__INIT;
	options->plan_only = plan;
	*crawl = (Tenon__V1__StartCrawlRequest)TENON__V1__START_CRAWL_REQUEST__INIT;
	crawl->path = path;
	crawl->database = database;
	crawl->options = options;
}

static Tenon__V1__Job job_with(uint32_t most)
{
	Tenon__V1__Job job = TENON__V1__JOB__INIT;
	job.name = job_name;
	job.id = 3;
	job.max_concurrent_runs = most;
	return job;
}

static void a_job_has_as_many_open_runs_as_it_may_and_no_more(void **state)
{
	(void)state;
	static const struct {
		const char *label;
		uint64_t open[3];
		size_t count;
		uint32_t most;
		bool admitted;
	} rows[] = {
		{"none open", {0}, 0, 0, true},
		{"one open, default of one", {3}, 1, 0, false},
		{"another job's run does not count", {4}, 1, 0, true},
		{"one of two", {3, 4}, 2, 2, true},
		{"two of two", {3, 4, 3}, 3, 2, false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct open_run runs[3];
		Tenon__Store__V1__RunRecord *open[3];
		struct error err = {0};
		Tenon__V1__Job job = job_with(rows[i].most);
		for (size_t j = 0; j < rows[i].count; j++)
			open[j] = open_job(&runs[j], rows[i].open[j]);
		enum status status = admit_job(&job, open, rows[i].count, &err);
		if (status != (rows[i].admitted ? STATUS_OK : STATUS_RESOURCE_EXHAUSTED))
			fail_msg("%s: %s", rows[i].label, status_name(status));
		if (!rows[i].admitted)
			assert_non_null(strstr(err.message, "max_concurrent_runs"));
	}
}

static void two_crawls_of_one_place_do_not_run_at_once(void **state)
{
	(void)state;
	static struct {
		const char *label;
		char open_path[8];
		char path[9];
		char open_database[2];
		char database[2];
		bool open_plan;
		bool plan;
		bool admitted;
	} rows[] = {
		{"the same", "/lake", "/lake", "a", "a", false, false, false},
		{"inside it", "/lake", "/lake/x", "a", "a", false, false, false},
		{"around it", "/lake/x", "/lake", "a", "a", false, false, false},
		{"beside it", "/lake/x", "/lake/xy", "a", "a", false, false, true},
		{"another database", "/lake", "/lake", "a", "b", false, false, true},
		{"its name in other letters", "/lake", "/lake", "a", "A", false, false, false},
		{"only a plan", "/lake", "/lake", "a", "a", false, true, true},
		{"beside a plan", "/lake", "/lake", "a", "a", true, false, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct open_run open;
		Tenon__V1__StartCrawlRequest crawl;
		Tenon__V1__CrawlOptions options;
		struct error err;
		Tenon__Store__V1__RunRecord *list[] = {open_job(&open, 0)};
		set_crawl(&open.crawl, &open.options, rows[i].open_path, rows[i].open_database,
			rows[i].open_plan);
		open.record.crawl_request = &open.crawl;
		set_crawl(&crawl, &options, rows[i].path, rows[i].database, rows[i].plan);
		enum status status = admit_crawl(&crawl, list, 1, &err);
		if (status != (rows[i].admitted ? STATUS_OK : STATUS_FAILED_PRECONDITION))
			fail_msg("%s: %s", rows[i].label, status_name(status));
	}
}

static void bookmarks_and_runs_at_once_exclude_each_other(void **state)
{
	(void)state;
	struct error err;
	Tenon__V1__Job one = job_with(1);
	Tenon__V1__Job two = job_with(2);
	Tenon__V1__BookmarkMode on = TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE;
	Tenon__V1__BookmarkMode usual = TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_UNSPECIFIED;
	Tenon__V1__BookmarkMode off = TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_DISABLE;
	assert_ok(admit_bookmark(&one, on, &err), &err);
	assert_ok(admit_bookmark(&two, off, &err), &err);
	assert_int_equal(admit_bookmark(&two, on, &err), STATUS_INVALID_ARGUMENT);
	assert_int_equal(admit_bookmark(&two, usual, &err), STATUS_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_has_as_many_open_runs_as_it_may_and_no_more),
		cmocka_unit_test(two_crawls_of_one_place_do_not_run_at_once),
		cmocka_unit_test(bookmarks_and_runs_at_once_exclude_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

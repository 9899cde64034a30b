#include "jobs/admit.h"

#include "base/text.h"

enum status admit_job(const Tenon__V1__Job *job, Tenon__Store__V1__RunRecord *const *open,
	size_t count, struct error *err)
{
	unsigned most = job->max_concurrent_runs ? job->max_concurrent_runs : 1;
	unsigned have = 0;
	const char *one = "";
	for (size_t i = 0; i < count; i++) {
		if (open[i]->job_id != job->id ||
			open[i]->run->kind != TENON__V1__RUN_KIND__RUN_KIND_JOB)
			continue;
		have++;
		one = open[i]->run->id;
	}
	if (have >= most)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"job '%s' has %u open run%s, for example '%s', and its max_concurrent_runs "
			"is %u; wait "
			"for it or cancel it",
			job->name, have, have == 1 ? "" : "s", one, most);
	return STATUS_OK;
}

bool path_is_within(struct text path, struct text folder)
{
	struct text rest = text_from(path, folder.length);
	return text_starts(path, folder) &&
	       (rest.length == 0 || text_starts(rest, TEXT("/")) || text_ends(folder, TEXT("/")));
}

static bool is_plan(const Tenon__V1__StartCrawlRequest *crawl)
{
	return crawl->options && crawl->options->plan_only;
}

static bool overlap(
	const Tenon__V1__StartCrawlRequest *one, const Tenon__V1__StartCrawlRequest *other)
{
	struct text a = text_of(one->path);
	struct text b = text_of(other->path);
	return text_equal_folded(text_of(one->database), text_of(other->database)) &&
	       (path_is_within(a, b) || path_is_within(b, a));
}

enum status admit_crawl(const Tenon__V1__StartCrawlRequest *crawl,
	Tenon__Store__V1__RunRecord *const *open, size_t count, struct error *err)
{
	if (is_plan(crawl))
		return STATUS_OK;
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__StartCrawlRequest *other = open[i]->crawl_request;
		if (other && !is_plan(other) && overlap(crawl, other))
			return fail(err, STATUS_FAILED_PRECONDITION,
				"crawl '%s' of '%s' has not ended; wait for it or cancel it",
				open[i]->run->id, other->path);
	}
	return STATUS_OK;
}

enum status admit_bookmark(
	const Tenon__V1__Job *job, Tenon__V1__BookmarkMode mode, struct error *err)
{
	bool remembers = mode == TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE ||
			 mode == TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_UNSPECIFIED;
	if (remembers && job->max_concurrent_runs > 1)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"job '%s' has bookmarks and max_concurrent_runs %u: two runs at once would "
			"read "
			"the same new files; set bookmark to DISABLE or max_concurrent_runs to 1",
			job->name, job->max_concurrent_runs);
	return STATUS_OK;
}

#include "base/memory.h"
#include "catalog/ledger.h"
#include "catalog/runs.h"
#include "jobs/admit.h"
#include "service/guard.h"
#include "service/run_view.h"

#include <stdlib.h>

/* Streams of stored rows for a worker. Each page is one short view of the catalog
 * that continues after the last path; nothing is held while the client takes it. */

enum { PAGE_ROWS = 256 };

struct paging {
	struct daemon *daemon;
	struct arena *step; /* one page's memory */
	struct arena *kept; /* `after` */
	struct text after;
	bool ended;
	const char *database; /* of a ledger */
	struct text prefix;
	uint64_t job_id; /* of a bookmark */
	struct text context;
};

static void closed(void *state)
{
	struct paging *paging = state;
	arena_free(paging->step);
	arena_free(paging->kept);
	free(paging);
}

static void remember(struct paging *paging, size_t count, const char *last)
{
	paging->ended = count < PAGE_ROWS;
	arena_reset(paging->kept);
	if (last)
		paging->after = arena_copy(paging->kept, text_of(last));
}

/* The ledger's keys are texts, so "/lake/a" is also a prefix of "/lake/ab". */
static size_t keep_within(Tenon__V1__LedgerEntry **entries, size_t count, struct text folder)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (path_is_within(text_of(entries[i]->path), folder))
			entries[kept++] = entries[i];
	}
	return kept;
}

static enum status ledger_page(
	struct paging *paging, Tenon__V1__ReadLedgerResponse *page, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	arena_reset(paging->step);
	TRY(catalog_read(paging->daemon->catalog, &txn, err));
	TRY(ledger_list(txn, text_of(paging->database), paging->prefix, paging->after, PAGE_ROWS,
		paging->step, &page->entries, &page->n_entries, err));
	size_t count = page->n_entries;
	remember(paging, count, count ? page->entries[count - 1]->path : NULL);
	page->n_entries = keep_within(page->entries, count, paging->prefix);
	return STATUS_OK;
}

static void next_ledger(struct rpc_call *call, void *state)
{
	struct paging *paging = state;
	struct error err;
	Tenon__V1__ReadLedgerResponse page = TENON__V1__READ_LEDGER_RESPONSE__INIT;
	while (page.n_entries == 0) {
		if (paging->ended) {
			rpc_stream_end(call);
			return;
		}
		if (ledger_page(paging, &page, &err) != STATUS_OK) {
			rpc_fail(call, &err);
			return;
		}
	}
	rpc_stream_send(call, &page.base);
}

static enum status bookmark_page(
	struct paging *paging, Tenon__V1__ReadBookmarkResponse *page, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	arena_reset(paging->step);
	TRY(catalog_read(paging->daemon->catalog, &txn, err));
	TRY(bookmark_files(txn, paging->job_id, paging->context, paging->after, PAGE_ROWS,
		paging->step, &page->files, &page->n_files, err));
	remember(
		paging, page->n_files, page->n_files ? page->files[page->n_files - 1]->path : NULL);
	return STATUS_OK;
}

static void next_bookmark(struct rpc_call *call, void *state)
{
	struct paging *paging = state;
	struct error err;
	Tenon__V1__ReadBookmarkResponse page = TENON__V1__READ_BOOKMARK_RESPONSE__INIT;
	if (!paging->ended && bookmark_page(paging, &page, &err) != STATUS_OK) {
		rpc_fail(call, &err);
		return;
	}
	if (page.n_files == 0)
		rpc_stream_end(call);
	else
		rpc_stream_send(call, &page.base);
}

static const struct rpc_stream_ops ledger_ops = {next_ledger, closed};
static const struct rpc_stream_ops bookmark_ops = {next_bookmark, closed};

static void start(struct request *request, const struct rpc_stream_ops *ops, struct paging details)
{
	struct paging *paging = memory_new(sizeof *paging);
	*paging = details;
	paging->daemon = request->daemon;
	paging->step = arena_new();
	paging->kept = arena_new();
	request_stream(request, ops, paging);
}

void read_ledger(struct request *request)
{
	const Tenon__V1__StartCrawlRequest *crawl = request->run->crawl_request;
	struct error err;
	if (!crawl) {
		request_end(request,
			fail(&err, STATUS_FAILED_PRECONDITION, "run '%s' is not a crawl",
				request->run->run->id),
			&err);
		return;
	}
	start(request, &ledger_ops,
		(struct paging){.database = crawl->database, .prefix = text_of(crawl->path)});
}

void read_bookmark(struct request *request)
{
	const Tenon__V1__ReadBookmarkRequest *in = request->in;
	start(request, &bookmark_ops,
		(struct paging){.job_id = request->run->job_id, .context = text_of(in->context)});
}

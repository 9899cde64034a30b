#include "worker/run_crawl.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "crawler/crawl.h"
#include "worker/fault.h"
#include "worker/parts.h"

enum { APPLY_TIMEOUT_MS = 15 * 60 * 1000 };

struct ledger {
	Tenon__V1__LedgerEntry **entries; /* sorted by path, as they come */
	size_t count;
	size_t capacity;
};

static enum status add_page(struct ledger *ledger, const Tenon__V1__ReadLedgerResponse *page,
	struct arena *arena, struct error *err)
{
	if (page->n_entries == 0)
		return STATUS_OK;
	if (ledger->count + page->n_entries > LIMIT_LISTING_OBJECTS)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the target's ledger has more than %d objects", LIMIT_LISTING_OBJECTS);
	if (ledger->count + page->n_entries > ledger->capacity) {
		size_t grown = memory_grown(ledger->capacity, ledger->count + page->n_entries);
		ledger->entries =
			arena_grow(arena, ledger->entries, ledger->capacity, grown, sizeof(void *));
		ledger->capacity = grown;
	}
	memcpy(ledger->entries + ledger->count, page->entries, page->n_entries * sizeof(void *));
	ledger->count += page->n_entries;
	return STATUS_OK;
}

static enum status read_ledger(struct session *session, struct ledger *ledger, struct error *err)
{
	Tenon__V1__ReadLedgerRequest request = TENON__V1__READ_LEDGER_REQUEST__INIT;
	OWNED(rpc_reading) reading = NULL;
	TRY(rpc_read_open(session->channel, &tenon__v1__worker__descriptor, "ReadLedger",
		&request.base, -1, &reading, err));
	for (;;) {
		Tenon__V1__ReadLedgerResponse *page = NULL;
		TRY(rpc_read_next(reading, session->arena, &page, err));
		if (!page)
			return STATUS_OK;
		TRY(add_page(ledger, page, session->arena, err));
	}
}

static enum status apply(
	struct session *session, const Tenon__V1__ApplyCrawlRequest *plan, struct error *err)
{
	Tenon__V1__ApplyCrawlResponse *response;
	TRY(parts_of_crawl(session, plan, &plan, err));
	size_t bytes = protobuf_c_message_get_packed_size(&plan->base);
	if (bytes > LIMIT_MESSAGE_BYTES)
		return fail(err, STATUS_RESOURCE_EXHAUSTED,
			"the crawl's tables are %zu bytes, more than %u: crawl a part of the "
			"prefix",
			bytes, LIMIT_MESSAGE_BYTES);
	fault_point("before-apply");
	TRY(session_call(
		session, "ApplyCrawl", plan, APPLY_TIMEOUT_MS, session->arena, &response, err));
	fault_point("after-apply");
	const Tenon__V1__CrawlResult *result = response->result;
	if (result)
		log_line(LOG_INFO,
			"%s: %u tables created, %u updated, %u unchanged; %llu of %llu objects "
			"opened",
			plan->plan_only ? "planned" : "applied", result->tables_created,
			result->tables_updated, result->tables_unchanged,
			(unsigned long long)result->objects_opened,
			(unsigned long long)result->objects_listed);
	return STATUS_OK;
}

enum status run_crawl(struct session *session, const Tenon__V1__CrawlTask *task,
	struct reporter *reporter, struct error *err)
{
	const struct crawl_progress progress = {reporter_report, reporter};
	struct ledger ledger = {0};
	Tenon__V1__ApplyCrawlRequest *plan;
	log_line(LOG_INFO, "crawling '%s' for database '%s'", task->path, task->database);
	TRY(read_ledger(session, &ledger, err));
	fault_point("after-ledger");
	TRY(crawl(task, ledger.entries, ledger.count, &progress, session->arena, &plan, err));
	return apply(session, plan, err);
}

#include "catalog/runs.h"

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/sight.h"
#include "catalog/store.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

enum { RUN_ID_BYTES = 25, TIME_DIGITS = 16 };

void run_id_new(char id[static 26])
{
	uint32_t chance;
	while (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
		;
	(void)snprintf(
		id, RUN_ID_BYTES + 1, "%016llx-%08x", (unsigned long long)clock_now_us(), chance);
}

/* Keys hold the complement of each byte of the id: newest first is then the order
 * of the keys. The hex digits and '-' give no NUL. */
struct run_key {
	char bytes[RUN_ID_BYTES];
};

static struct text run_key(struct run_key *key, struct text id)
{
	for (size_t i = 0; i < RUN_ID_BYTES; i++)
		key->bytes[i] = (char)~id.at[i];
	return (struct text){key->bytes, RUN_ID_BYTES};
}

static enum status id_check(struct text id, struct error *err)
{
	bool good = id.length == RUN_ID_BYTES;
	for (size_t i = 0; good && i < RUN_ID_BYTES; i++) {
		char byte = id.at[i];
		good = i == TIME_DIGITS
			       ? byte == '-'
			       : (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
	}
	if (good)
		return STATUS_OK;
	int shown = id.length > RUN_ID_BYTES ? RUN_ID_BYTES : (int)id.length;
	return fail(err, STATUS_INVALID_ARGUMENT,
		"'%.*s' is not a run's id: it is 16 hex digits, '-' and 8 more", shown, id.at);
}

bool run_is_open(const Tenon__V1__Run *run)
{
	switch (run->state) {
	case TENON__V1__RUN_STATE__RUN_STATE_UNSPECIFIED:
	case TENON__V1__RUN_STATE__RUN_STATE_QUEUED:
	case TENON__V1__RUN_STATE__RUN_STATE_RUNNING:
	case TENON__V1__RUN_STATE__RUN_STATE_COMMITTING:
		return true;
	case TENON__V1__RUN_STATE__RUN_STATE_SUCCEEDED:
	case TENON__V1__RUN_STATE__RUN_STATE_FAILED:
	case TENON__V1__RUN_STATE__RUN_STATE_CANCELLED:
	case TENON__V1__RUN_STATE__RUN_STATE_TIMEOUT:
	case _TENON__V1__RUN_STATE_IS_INT_SIZE:
		break;
	}
	return false;
}

enum status run_put(
	struct catalog_txn *txn, const Tenon__Store__V1__RunRecord *run, struct error *err)
{
	if (!run->run)
		return fail(err, STATUS_INVALID_ARGUMENT, "the record has no run");
	struct text id = text_of(run->run->id);
	struct text job = text_of(run->run->job);
	struct run_key bytes;
	bool found;
	TRY(id_check(id, err));
	struct text key = run_key(&bytes, id);
	if (job.length) {
		TRY(name_check(job, "job name", err));
		struct buffer SCOPED_BUFFER by_job = {0};
		key_init(&by_job);
		key_add_part(&by_job, job);
		buffer_add_text(&by_job, key);
		TRY(store_put(txn, DB_RUNS_BY_JOB, buffer_text(&by_job), TEXT(""), err));
	}
	if (run_is_open(run->run))
		TRY(store_put(txn, DB_RUNS_OPEN, id, TEXT(""), err));
	else
		TRY(store_delete(txn, DB_RUNS_OPEN, id, &found, err));
	return store_put_message(txn, DB_RUNS, key, &run->base, err);
}

static enum status record_read(struct catalog_txn *txn, struct text key, struct arena *arena,
	Tenon__Store__V1__RunRecord **run_out, struct error *err)
{
	void *found;
	TRY(store_message(
		txn, DB_RUNS, key, &tenon__store__v1__run_record__descriptor, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no such run");
	*run_out = found;
	return STATUS_OK;
}

enum status run_get(struct catalog_txn *txn, struct text id, struct arena *arena,
	Tenon__Store__V1__RunRecord **run_out, struct error *err)
{
	struct run_key bytes;
	TRY(id_check(id, err));
	enum status status = record_read(txn, run_key(&bytes, id), arena, run_out, err);
	return status == STATUS_OK ? status : fail_within(err, "run '%.*s'", TEXT_ARG(id));
}

static bool is_seen(const struct catalog_txn *txn, const Tenon__Store__V1__RunRecord *record)
{
	if (record->crawl_request)
		return sees_table(txn, text_of(record->crawl_request->database), TEXT(""));
	return sees_named(txn, "job", record->run->job);
}

/* Both orders of runs end their keys with the run's own. */
static enum status run_item(struct catalog_txn *txn, const struct listing *listing, struct text key,
	struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)value;
	Tenon__Store__V1__RunRecord *record;
	TRY(record_read(txn, text_from(key, listing->prefix.length), arena, &record, err));
	if (is_seen(txn, record))
		*item_out = record->run;
	return STATUS_OK;
}

enum status run_list(struct catalog_txn *txn, struct text job, struct text token, size_t limit,
	struct arena *arena, Tenon__V1__Run ***runs_out, size_t *count_out, struct text *next_out,
	struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	struct page page;
	key_init(&prefix);
	if (job.length) {
		TRY(name_check(job, "job name", err));
		key_add_part(&prefix, job);
	}
	const struct listing listing = {job.length ? DB_RUNS_BY_JOB : DB_RUNS, buffer_text(&prefix),
		TOKEN_RUNS, job, run_item, NULL};
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*runs_out = (Tenon__V1__Run **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}

enum status run_list_open(struct catalog_txn *txn, struct arena *arena,
	Tenon__Store__V1__RunRecord ***runs_out, size_t *count_out, struct error *err)
{
	Tenon__Store__V1__RunRecord **runs = NULL;
	size_t count = 0;
	size_t capacity = 0;
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_RUNS_OPEN, TEXT(""), TEXT(""), &scan, err));
	for (;; count++) {
		bool found;
		struct text id;
		struct text value;
		struct run_key bytes;
		TRY(scan_next(scan, &found, &id, &value, err));
		if (!found)
			break;
		if (count == capacity) {
			capacity = memory_grown(capacity, count + 1);
			runs = arena_grow(arena, runs, count, capacity, sizeof *runs);
		}
		TRY(record_read(txn, run_key(&bytes, id), arena, &runs[count], err));
	}
	*runs_out = runs;
	*count_out = count;
	return STATUS_OK;
}

#include "catalog/audit.h"

#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/page.h"
#include "catalog/pattern.h"
#include "catalog/store.h"
#include "tenon/store/v1/access.pb-c.h"

#include <string.h>

#define DESCRIPTOR &tenon__store__v1__audit_record__descriptor

static const char counter[] = "audit";
/* How far times may run against numbers: entries wait to be written. */
enum { DISORDER_US = 60 * 1000 * 1000 };

enum status audit_append(struct catalog_txn *txn, Tenon__V1__AuditEntry *entry, struct error *err)
{
	Tenon__Store__V1__AuditRecord record = TENON__STORE__V1__AUDIT_RECORD__INIT;
	char key[8];
	TRY(store_next(txn, counter, &entry->sequence, err));
	record.entry = entry;
	return store_put_message(
		txn, DB_AUDIT, key_u64_text(entry->sequence, key), &record.base, err);
}

static enum status range(
	struct catalog_txn *txn, uint64_t *oldest_out, uint64_t *newest_out, struct error *err)
{
	bool found;
	struct text key;
	struct text value;
	TRY(store_find(txn, DB_META, text_of(counter), &found, &value, err));
	if (found && value.length != 8)
		return fail(
			err, STATUS_DATA_LOSS, "counter '%s' has %zu bytes", counter, value.length);
	*newest_out = found ? key_u64(value.at) - 1 : 0;
	*oldest_out = *newest_out + 1;
	OWNED(scan) scan = NULL;
	TRY(scan_open(txn, DB_AUDIT, TEXT(""), TEXT(""), &scan, err));
	TRY(scan_next(scan, &found, &key, &value, err));
	if (found && key.length != 8)
		return fail(err, STATUS_DATA_LOSS, "an entry's key has %zu bytes", key.length);
	if (found)
		*oldest_out = key_u64(key.at);
	return STATUS_OK;
}

static bool passes(const Tenon__V1__ListAuditRequest *request, const Tenon__V1__AuditEntry *entry)
{
	return (!request->principal[0] || strcmp(request->principal, entry->principal) == 0) &&
	       (!request->kind[0] || strcmp(request->kind, entry->kind) == 0) &&
	       entry->time_us >= request->from_time_us &&
	       (!request->to_time_us || entry->time_us < request->to_time_us) &&
	       pattern_matches(text_of(request->resource), text_of(entry->resource));
}

/* Nothing further on in this direction can be in the times asked for. */
static bool is_past(const Tenon__V1__ListAuditRequest *request, const Tenon__V1__AuditEntry *entry)
{
	if (request->oldest_first)
		return request->to_time_us && entry->time_us > request->to_time_us + DISORDER_US;
	return entry->time_us < request->from_time_us - DISORDER_US;
}

static enum status look(struct catalog_txn *txn, const Tenon__V1__ListAuditRequest *request,
	uint64_t sequence, struct page *page, bool *past_out, struct error *err)
{
	char bytes[8];
	struct text key = key_u64_text(sequence, bytes);
	void *record;
	*past_out = false;
	TRY(store_message(txn, DB_AUDIT, key, DESCRIPTOR, page->arena, &record, err));
	Tenon__V1__AuditEntry *entry =
		record ? ((Tenon__Store__V1__AuditRecord *)record)->entry : NULL;
	if (entry && passes(request, entry)) {
		page_add(page, entry, key);
		return STATUS_OK;
	}
	page_skip(page, key);
	*past_out = entry && is_past(request, entry);
	return STATUS_OK;
}

static enum status check(const Tenon__V1__ListAuditRequest *request, struct error *err)
{
	static const char *const kinds[] = {"", "read", "write", "denied", "lost"};
	TRY(length_check(text_of(request->resource), LIMIT_NAME_PATTERN_BYTES, "the pattern", err));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(request->kind, kinds[i]) == 0)
			return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"kind is read, write, denied or lost, not '%.64s'", request->kind);
}

/* What is being listed, for the page token: the request without its place. */
static struct text context_of(const Tenon__V1__ListAuditRequest *request, struct arena *arena)
{
	static char none[] = "";
	Tenon__V1__ListAuditRequest asked = *request;
	asked.page_token = none;
	asked.page_size = 0;
	size_t length = protobuf_c_message_get_packed_size(&asked.base);
	uint8_t *bytes = arena_alloc(arena, length + 1);
	(void)protobuf_c_message_pack(&asked.base, bytes);
	return (struct text){(const char *)bytes, length};
}

enum status audit_list(struct catalog_txn *txn, const Tenon__V1__ListAuditRequest *request,
	size_t limit, struct arena *arena, Tenon__V1__ListAuditResponse *response,
	struct error *err)
{
	enum { LOOKED_MAX = 20000 };
	uint64_t oldest;
	uint64_t newest;
	struct text last;
	struct page page;
	struct text context = context_of(request, arena);
	TRY(check(request, err));
	TRY(range(txn, &oldest, &newest, err));
	TRY(token_open(txn, TOKEN_AUDIT, context, text_of(request->page_token), arena, &last, err));
	if (last.length == 8 && request->oldest_first)
		oldest = key_u64(last.at) + 1 > oldest ? key_u64(last.at) + 1 : oldest;
	else if (last.length == 8)
		newest = key_u64(last.at) - 1 < newest ? key_u64(last.at) - 1 : newest;
	page_init(&page, arena, limit);
	bool past = false;
	while (oldest <= newest && !past && !page_is_full(&page) && page.looked_at < LOOKED_MAX) {
		uint64_t sequence = request->oldest_first ? oldest++ : newest--;
		char bytes[8];
		TRY(look(txn, request, sequence, &page, &past, err));
		if (page_is_full(&page) || page.looked_at >= LOOKED_MAX)
			page.last = arena_copy(arena, key_u64_text(sequence, bytes));
	}
	page.more = oldest <= newest && !past;
	response->entries = (Tenon__V1__AuditEntry **)page.items;
	response->n_entries = page.count;
	response->next_page_token = arena_text(arena, page_next(&page, txn, TOKEN_AUDIT, context));
	return STATUS_OK;
}

enum status audit_trim(struct catalog_txn *txn, int64_t before_us, uint64_t most, size_t batch,
	size_t *gone_out, struct error *err)
{
	OWNED(arena) arena = arena_new();
	uint64_t oldest;
	uint64_t newest;
	*gone_out = 0;
	TRY(range(txn, &oldest, &newest, err));
	for (; oldest <= newest && *gone_out < batch; oldest++, ++*gone_out) {
		char bytes[8];
		struct text key = key_u64_text(oldest, bytes);
		void *record;
		bool found;
		arena_reset(arena);
		TRY(store_message(txn, DB_AUDIT, key, DESCRIPTOR, arena, &record, err));
		const Tenon__V1__AuditEntry *entry =
			record ? ((Tenon__Store__V1__AuditRecord *)record)->entry : NULL;
		if (entry && entry->time_us >= before_us && newest - oldest < most)
			break;
		TRY(store_delete(txn, DB_AUDIT, key, &found, err));
	}
	return STATUS_OK;
}

#include "base/clock.h"
#include "catalog/feed.h"
#include "catalog/key.h"
#include "catalog/listing.h"
#include "catalog/names.h"
#include "catalog/runs.h"
#include "catalog/sight.h"
#include "catalog/store.h"
#include "catalog/tags.h"
#include "proto/wire.h"

static enum status note(struct catalog_txn *txn, const char *kind, const Tenon__V1__Job *before,
	const Tenon__V1__Job *after, struct arena *arena, struct error *err)
{
	struct feed_change change = {
		.kind = kind,
		.resource = arena_printf(arena, "job/%s", after ? after->name : before->name),
		.before = before ? &before->base : NULL,
		.after = after ? &after->base : NULL,
	};
	return feed_note(txn, &change, err);
}

enum status job_put(struct catalog_txn *txn, const Tenon__V1__Job *job, struct arena *arena,
	Tenon__V1__Job **job_out, bool *created_out, struct error *err)
{
	struct text name = text_of(job->name);
	TRY(name_check(name, "job name", err));
	TRY(length_check(
		text_of(job->description), LIMIT_DESCRIPTION_BYTES, "the job's description", err));
	void *found;
	TRY(store_message(txn, DB_JOBS, name, &tenon__v1__job__descriptor, arena, &found, err));
	const Tenon__V1__Job *before = found;
	Tenon__V1__Job *made = wire_copy(arena, &job->base);
	*job_out = made;
	*created_out = !before;
	if (before) {
		made->id = before->id;
		made->create_time_us = before->create_time_us;
		made->update_time_us = before->update_time_us;
		if (text_equal(wire_pack(arena, &before->base), wire_pack(arena, &made->base)))
			return STATUS_OK;
	}
	made->update_time_us = clock_now_us();
	if (!before) {
		char key[8];
		TRY(store_next(txn, "job", &made->id, err));
		made->create_time_us = made->update_time_us;
		TRY(store_put(txn, DB_JOBS_BY_ID, key_u64_text(made->id, key), name, err));
	}
	TRY(store_put_message(txn, DB_JOBS, name, &made->base, err));
	return note(txn, "job_put", before, made, arena, err);
}

enum status job_get(struct catalog_txn *txn, struct text name, struct arena *arena,
	Tenon__V1__Job **job_out, struct error *err)
{
	void *found;
	TRY(name_check(name, "job name", err));
	TRY(store_message(txn, DB_JOBS, name, &tenon__v1__job__descriptor, arena, &found, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no job '%.*s'", TEXT_ARG(name));
	*job_out = found;
	return STATUS_OK;
}

enum status job_delete(struct catalog_txn *txn, struct text name, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__Job *job;
	uint64_t forgotten;
	bool found;
	char key[8];
	TRY(job_get(txn, name, arena, &job, err));
	TRY(bookmark_reset(txn, job->id, TEXT(""), &forgotten, err));
	TRY(tags_forget(txn, "job", name, err));
	TRY(store_delete(txn, DB_JOBS_BY_ID, key_u64_text(job->id, key), &found, err));
	TRY(store_delete(txn, DB_JOBS, name, &found, err));
	return note(txn, "job_deleted", job, NULL, arena, err);
}

static enum status job_item(struct catalog_txn *txn, const struct listing *listing, struct text key,
	struct text value, struct arena *arena, void **item_out, struct error *err)
{
	(void)listing;
	(void)key;
	void *job;
	TRY(store_unpack(value, &tenon__v1__job__descriptor, arena, &job, err));
	if (sees_named(txn, "job", ((Tenon__V1__Job *)job)->name))
		*item_out = job;
	return STATUS_OK;
}

enum status job_list(struct catalog_txn *txn, struct text token, size_t limit, struct arena *arena,
	Tenon__V1__Job ***jobs_out, size_t *count_out, struct text *next_out, struct error *err)
{
	const struct listing listing = {DB_JOBS, TEXT(""), TOKEN_JOBS, TEXT(""), job_item, NULL};
	struct page page;
	TRY(listing_page(txn, &listing, token, limit, arena, &page, err));
	*jobs_out = (Tenon__V1__Job **)page.items;
	*count_out = page.count;
	*next_out = page.next;
	return STATUS_OK;
}

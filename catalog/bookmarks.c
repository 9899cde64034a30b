#include "base/clock.h"
#include "base/memory.h"
#include "catalog/key.h"
#include "catalog/names.h"
#include "catalog/runs.h"
#include "catalog/store.h"

/* job id · context NUL [· path]; an empty context is every one of the job. */
static enum status bookmark_key(
	struct buffer *key, uint64_t job_id, struct text context, struct error *err)
{
	key_init(key);
	key_add_u64(key, job_id);
	if (context.length == 0)
		return STATUS_OK;
	key_add_part(key, context);
	return name_check(context, "bookmark context", err);
}

static enum status file_put(struct catalog_txn *txn, struct buffer *key, struct text run_id,
	const Tenon__V1__SeenFile *file, Tenon__V1__Bookmark *bookmark, struct arena *arena,
	struct error *err)
{
	struct text path = text_of(file->path);
	if (path.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "a file of a bookmark has no path");
	TRY(length_check(path, LIMIT_PATH_BYTES, "a file's path", err));
	size_t prefix = key->length;
	buffer_add_text(key, path);
	void *found;
	TRY(store_message(txn, DB_BOOKMARK_FILES, buffer_text(key),
		&tenon__v1__seen_file__descriptor, arena, &found, err));
	const Tenon__V1__SeenFile *before = found;
	Tenon__V1__SeenFile seen = *file;
	seen.run_id = arena_text(arena, run_id);
	TRY(store_put_message(txn, DB_BOOKMARK_FILES, buffer_text(key), &seen.base, err));
	bookmark->files += !before;
	bookmark->bytes += file->bytes - (before ? before->bytes : 0);
	key->length = prefix;
	return STATUS_OK;
}

enum status bookmark_advance(struct catalog_txn *txn, uint64_t job_id, struct text run_id,
	const Tenon__V1__BookmarkUpdate *update, struct error *err)
{
	OWNED(arena) arena = arena_new();
	OWNED(arena) scratch = arena_new();
	struct text context = text_of(update->context);
	if (context.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "a bookmark has no context");
	char id[8];
	bool found;
	struct text job;
	TRY(store_find(txn, DB_JOBS_BY_ID, key_u64_text(job_id, id), &found, &job, err));
	if (!found)
		return fail(err, STATUS_NOT_FOUND, "no job with id %llu: it was deleted",
			(unsigned long long)job_id);
	char *job_name = arena_text(arena, job); /* before the puts below */
	struct buffer SCOPED_BUFFER key = {0};
	TRY(bookmark_key(&key, job_id, context, err));
	void *stored;
	TRY(store_message(txn, DB_BOOKMARKS, buffer_text(&key), &tenon__v1__bookmark__descriptor,
		arena, &stored, err));
	Tenon__V1__Bookmark bookmark = TENON__V1__BOOKMARK__INIT;
	if (stored)
		bookmark = *(Tenon__V1__Bookmark *)stored;
	bookmark.job = job_name;
	bookmark.context = update->context;
	bookmark.run_id = arena_text(arena, run_id);
	bookmark.time_us = clock_now_us();
	for (size_t i = 0; i < update->n_files; i++) {
		arena_reset(scratch);
		TRY(file_put(txn, &key, run_id, update->files[i], &bookmark, scratch, err));
	}
	return store_put_message(txn, DB_BOOKMARKS, buffer_text(&key), &bookmark.base, err);
}

enum status bookmark_files(struct catalog_txn *txn, uint64_t job_id, struct text context,
	struct text after, size_t limit, struct arena *arena, Tenon__V1__SeenFile ***files_out,
	size_t *count_out, struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	struct buffer SCOPED_BUFFER from = {0};
	TRY(bookmark_key(&prefix, job_id, context, err));
	if (context.length == 0)
		return fail(
			err, STATUS_INVALID_ARGUMENT, "say which bookmark: the context is empty");
	key_init(&from);
	if (after.length) {
		buffer_add_text(&from, buffer_text(&prefix));
		buffer_add_text(&from, after);
	}
	void **files;
	TRY(store_messages(txn, DB_BOOKMARK_FILES, buffer_text(&prefix), buffer_text(&from), limit,
		&tenon__v1__seen_file__descriptor, arena, &files, count_out, err));
	*files_out = (Tenon__V1__SeenFile **)files;
	return STATUS_OK;
}

enum status bookmark_list(struct catalog_txn *txn, uint64_t job_id, struct arena *arena,
	Tenon__V1__Bookmark ***bookmarks_out, size_t *count_out, struct error *err)
{
	char id[8];
	void **bookmarks;
	TRY(store_messages(txn, DB_BOOKMARKS, key_u64_text(job_id, id), TEXT(""), SIZE_MAX,
		&tenon__v1__bookmark__descriptor, arena, &bookmarks, count_out, err));
	*bookmarks_out = (Tenon__V1__Bookmark **)bookmarks;
	return STATUS_OK;
}

enum status bookmark_reset(struct catalog_txn *txn, uint64_t job_id, struct text context,
	uint64_t *forgotten_out, struct error *err)
{
	struct buffer SCOPED_BUFFER prefix = {0};
	uint64_t bookmarks;
	TRY(bookmark_key(&prefix, job_id, context, err));
	TRY(store_delete_prefix(txn, DB_BOOKMARKS, buffer_text(&prefix), &bookmarks, err));
	return store_delete_prefix(
		txn, DB_BOOKMARK_FILES, buffer_text(&prefix), forgotten_out, err);
}

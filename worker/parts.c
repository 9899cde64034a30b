#include "worker/parts.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>

enum { PART_BYTES = 4 * 1024 * 1024, ITEM_BYTES = 16 /* around an item, at most */ };

/* The part being filled. */
struct parts {
	struct session *session;
	struct arena *arena; /* of the part: slices only, items are the caller's */
	Tenon__V1__StagePartRequest part;
	size_t bytes;
	size_t bytes_max;
	size_t table_capacity;
	size_t bookmark_capacity;
};

/* TENON_PART_BYTES: for tests, which have no million files. */
static size_t part_bytes(void)
{
	uint64_t bytes = 0;
	const char *told = getenv("TENON_PART_BYTES"); // NOLINT(concurrency-mt-unsafe)
	if (told)
		(void)text_uint64(text_of(told), &bytes);
	return bytes ? (size_t)bytes : PART_BYTES;
}

static void parts_begin(struct parts *parts, uint32_t number)
{
	arena_reset(parts->arena);
	parts->part = (Tenon__V1__StagePartRequest)TENON__V1__STAGE_PART_REQUEST__INIT;
	parts->part.number = number;
	parts->bytes = 0;
	parts->table_capacity = 0;
	parts->bookmark_capacity = 0;
}

static enum status parts_flush(struct parts *parts, struct error *err)
{
	OWNED(arena) arena = arena_new();
	Tenon__V1__StagePartResponse *response;
	if (parts->bytes == 0)
		return STATUS_OK;
	TRY(session_call(parts->session, "StagePart", &parts->part, 0, arena, &response, err));
	parts_begin(parts, parts->part.number + 1);
	return STATUS_OK;
}

static Tenon__V1__TablePart *table_part(struct parts *parts, uint32_t table)
{
	Tenon__V1__StagePartRequest *part = &parts->part;
	Tenon__V1__TablePart *lists = arena_alloc(parts->arena, sizeof *lists);
	*lists = (Tenon__V1__TablePart)TENON__V1__TABLE_PART__INIT;
	lists->table = table;
	size_t grown = memory_grown(parts->table_capacity, part->n_tables + 1);
	if (grown > parts->table_capacity)
		part->tables = arena_grow(
			parts->arena, part->tables, parts->table_capacity, grown, sizeof(void *));
	parts->table_capacity = grown;
	part->tables[part->n_tables++] = lists;
	return lists;
}

/* A list whose slices become parts of some kind. */
struct list {
	const void *items; /* an array of pointers */
	size_t count;
	bool is_text;
	void (*attach)(struct parts *parts, const struct list *list, void *slice, size_t count);
	uint32_t table;
	char *context;
};

static void attach_files(struct parts *parts, const struct list *list, void *slice, size_t count)
{
	Tenon__V1__TablePart *lists = table_part(parts, list->table);
	lists->files = slice;
	lists->n_files = count;
}

static void attach_partitions(
	struct parts *parts, const struct list *list, void *slice, size_t count)
{
	Tenon__V1__TablePart *lists = table_part(parts, list->table);
	lists->partitions = slice;
	lists->n_partitions = count;
}

/* At most one slice of `loose` and one of `gone` meet in a part. */
static void attach_loose(struct parts *parts, const struct list *list, void *slice, size_t count)
{
	(void)list;
	parts->part.loose = slice;
	parts->part.n_loose = count;
}

static void attach_gone(struct parts *parts, const struct list *list, void *slice, size_t count)
{
	(void)list;
	parts->part.gone = slice;
	parts->part.n_gone = count;
}

static void attach_bookmark(struct parts *parts, const struct list *list, void *slice, size_t count)
{
	Tenon__V1__StagePartRequest *part = &parts->part;
	Tenon__V1__BookmarkUpdate *update = arena_alloc(parts->arena, sizeof *update);
	*update = (Tenon__V1__BookmarkUpdate)TENON__V1__BOOKMARK_UPDATE__INIT;
	update->context = list->context;
	update->files = slice;
	update->n_files = count;
	size_t grown = memory_grown(parts->bookmark_capacity, part->n_bookmarks + 1);
	if (grown > parts->bookmark_capacity)
		part->bookmarks = arena_grow(parts->arena, part->bookmarks,
			parts->bookmark_capacity, grown, sizeof(void *));
	parts->bookmark_capacity = grown;
	part->bookmarks[part->n_bookmarks++] = update;
}

static size_t item_bytes(const struct list *list, size_t at)
{
	const void *const *items = list->items;
	return ITEM_BYTES +
	       (list->is_text ? strlen(items[at]) : protobuf_c_message_get_packed_size(items[at]));
}

static enum status add_list(struct parts *parts, const struct list *list, struct error *err)
{
	void **items = (void **)(uintptr_t)list->items;
	size_t from = 0;
	while (from < list->count) {
		size_t to = from;
		size_t bytes = parts->bytes + (list->context ? strlen(list->context) : 0);
		for (; to < list->count; to++) {
			size_t more = item_bytes(list, to);
			/* A part has at least one item, however large. */
			if (bytes + more > parts->bytes_max && (parts->bytes > 0 || to > from))
				break;
			bytes += more;
		}
		if (to > from)
			list->attach(parts, list, items + from, to - from);
		parts->bytes = bytes;
		from = to;
		if (from < list->count)
			TRY(parts_flush(parts, err));
	}
	return STATUS_OK;
}

static bool parts_needed(struct parts *parts, struct session *session, const void *message)
{
	parts->session = session;
	parts->bytes_max = part_bytes();
	return protobuf_c_message_get_packed_size(message) > parts->bytes_max;
}

static enum status send_crawl_lists(
	struct parts *parts, const Tenon__V1__ApplyCrawlRequest *plan, struct error *err)
{
	for (uint32_t i = 0; i < plan->n_tables; i++) {
		const Tenon__V1__CrawlTable *table = plan->tables[i];
		struct list partitions = {.items = table->partitions,
			.count = table->n_partitions,
			.attach = attach_partitions,
			.table = i};
		struct list files = {.items = table->files,
			.count = table->n_files,
			.attach = attach_files,
			.table = i};
		TRY(add_list(parts, &partitions, err));
		TRY(add_list(parts, &files, err));
	}
	struct list loose = {.items = plan->loose, .count = plan->n_loose, .attach = attach_loose};
	struct list gone = {
		.items = plan->gone, .count = plan->n_gone, .is_text = true, .attach = attach_gone};
	TRY(add_list(parts, &loose, err));
	TRY(add_list(parts, &gone, err));
	return parts_flush(parts, err);
}

enum status parts_of_crawl(struct session *session, const Tenon__V1__ApplyCrawlRequest *plan,
	const Tenon__V1__ApplyCrawlRequest **rest_out, struct error *err)
{
	struct parts parts = {0};
	*rest_out = plan;
	if (!parts_needed(&parts, session, plan))
		return STATUS_OK;
	OWNED(arena) arena = arena_new();
	parts.arena = arena;
	parts_begin(&parts, 0);
	TRY(send_crawl_lists(&parts, plan, err));
	Tenon__V1__ApplyCrawlRequest *rest = arena_alloc(session->arena, sizeof *rest);
	*rest = *plan;
	rest->n_loose = 0;
	rest->n_gone = 0;
	rest->parts = parts.part.number;
	rest->tables = arena_array(session->arena, plan->n_tables, sizeof *rest->tables);
	for (size_t i = 0; i < plan->n_tables; i++) {
		rest->tables[i] = arena_alloc(session->arena, sizeof **rest->tables);
		*rest->tables[i] = *plan->tables[i];
		rest->tables[i]->n_partitions = 0;
		rest->tables[i]->n_files = 0;
	}
	*rest_out = rest;
	return STATUS_OK;
}

static enum status send_commit_lists(
	struct parts *parts, const Tenon__V1__CommitRunRequest *commit, struct error *err)
{
	for (uint32_t i = 0; i < commit->n_targets; i++) {
		struct list partitions = {.items = commit->targets[i]->partitions,
			.count = commit->targets[i]->table ? commit->targets[i]->n_partitions : 0,
			.attach = attach_partitions,
			.table = i};
		TRY(add_list(parts, &partitions, err));
	}
	for (size_t i = 0; i < commit->n_bookmarks; i++) {
		struct list files = {.items = commit->bookmarks[i]->files,
			.count = commit->bookmarks[i]->n_files,
			.attach = attach_bookmark,
			.context = commit->bookmarks[i]->context};
		TRY(add_list(parts, &files, err));
	}
	return parts_flush(parts, err);
}

enum status parts_of_commit(struct session *session, const Tenon__V1__CommitRunRequest *commit,
	const Tenon__V1__CommitRunRequest **rest_out, struct error *err)
{
	struct parts parts = {0};
	*rest_out = commit;
	if (!parts_needed(&parts, session, commit))
		return STATUS_OK;
	OWNED(arena) arena = arena_new();
	parts.arena = arena;
	parts_begin(&parts, 0);
	TRY(send_commit_lists(&parts, commit, err));
	struct arena *kept = session->arena;
	Tenon__V1__CommitRunRequest *rest = arena_alloc(kept, sizeof *rest);
	*rest = *commit;
	rest->parts = parts.part.number;
	rest->targets = arena_array(kept, commit->n_targets, sizeof *rest->targets);
	for (size_t i = 0; i < commit->n_targets; i++) {
		rest->targets[i] = arena_alloc(kept, sizeof **rest->targets);
		*rest->targets[i] = *commit->targets[i];
		rest->targets[i]->n_partitions = 0;
	}
	/* A bookmark without files still says that the run has read the source. */
	rest->bookmarks = arena_array(kept, commit->n_bookmarks, sizeof *rest->bookmarks);
	for (size_t i = 0; i < commit->n_bookmarks; i++) {
		rest->bookmarks[i] = arena_alloc(kept, sizeof **rest->bookmarks);
		*rest->bookmarks[i] = *commit->bookmarks[i];
		rest->bookmarks[i]->n_files = 0;
	}
	*rest_out = rest;
	return STATUS_OK;
}

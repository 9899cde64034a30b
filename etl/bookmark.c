#include "etl/bookmark.h"

/* The bookmark as a stream of files in path order. */
struct seen {
	const struct etl_host *host;
	const char *context;
	struct arena *page, *spare; /* the last page's last path must outlive it */
	Tenon__V1__SeenFile **files;
	size_t count, at;
	bool ended;
};

static enum status seen_page(struct seen *seen, struct error *err)
{
	struct text after = TEXT("");
	if (seen->count)
		after = text_of(seen->files[seen->count - 1]->path);
	struct arena *old = seen->page;
	seen->page = seen->spare;
	seen->spare = old;
	arena_reset(seen->page);
	after = arena_copy(seen->page, after);
	seen->at = seen->count = 0;
	TRY(seen->host->bookmark(seen->host->state, seen->context, after, seen->page, &seen->files,
		&seen->count, err));
	for (size_t i = 0; i < seen->count; i++) {
		struct text path = text_of(seen->files[i]->path);
		if (text_compare(after, path) >= 0)
			return fail(err, STATUS_DATA_LOSS,
				"the bookmark of '%s' is not in path order at '%.*s'",
				seen->context, TEXT_ARG(path));
		after = path;
	}
	seen->ended = seen->count == 0;
	return STATUS_OK;
}

/* The bookmark's entry for `path`, or NULL; paths are asked in order. */
static enum status seen_find(struct seen *seen, struct text path,
	const Tenon__V1__SeenFile **found_out, struct error *err)
{
	*found_out = NULL;
	for (;;) {
		if (seen->at == seen->count && !seen->ended)
			TRY(seen_page(seen, err));
		if (seen->ended)
			return STATUS_OK;
		const Tenon__V1__SeenFile *file = seen->files[seen->at];
		int order = text_compare(text_of(file->path), path);
		if (order > 0)
			return STATUS_OK;
		seen->at++;
		if (order == 0) {
			*found_out = file;
			return STATUS_OK;
		}
	}
}

static bool same_identity(const Tenon__V1__SeenFile *seen, const struct object *object)
{
	return seen->bytes == object->bytes && seen->modified_ns == object->modified_ns &&
	       text_equal(text_of(seen->etag), object->etag);
}

static void note_overwritten(struct source *source, struct text path)
{
	if (source->overwritten_count < SOURCE_SAMPLES)
		source->overwritten[source->overwritten_count] = arena_text(source->arena, path);
	source->overwritten_count++;
}

static enum status select_files(struct seen *seen, Tenon__V1__OverwriteMode overwrite,
	struct source *source, struct error *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < source->file_count; i++) {
		struct source_file *file = &source->files[i];
		const Tenon__V1__SeenFile *found = NULL;
		TRY(seen_find(seen, file->object.path, &found, err));
		bool changed = found && !same_identity(found, &file->object);
		if (changed && overwrite == TENON__V1__OVERWRITE_MODE__OVERWRITE_MODE_FAIL)
			return fail(err, STATUS_FAILED_PRECONDITION,
				"'%.*s' was read by run '%s' and is different now: set overwrite "
				"to report or reprocess, or reset the bookmark",
				TEXT_ARG(file->object.path), found->run_id);
		source->seen_before += found != NULL;
		if (changed)
			note_overwritten(source, file->object.path);
		bool again =
			changed && overwrite == TENON__V1__OVERWRITE_MODE__OVERWRITE_MODE_REPROCESS;
		if (!found || again)
			source->files[kept++] = *file;
	}
	source->file_count = kept;
	return STATUS_OK;
}

enum status bookmark_select(const struct etl_host *host, const char *context,
	Tenon__V1__OverwriteMode overwrite, struct source *source, struct error *err)
{
	OWNED(arena) one = arena_new();
	OWNED(arena) two = arena_new();
	struct seen seen = {.host = host, .context = context, .page = one, .spare = two};
	return select_files(&seen, overwrite, source, err);
}

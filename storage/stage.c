#include "storage/stage.h"

#include "storage/ops.h"

static const char stage_name[] = ".tenon-stage";

struct text stage_folder(struct arena *arena, struct text target, struct text run)
{
	return text_of(
		arena_printf(arena, "%.*s/%s/%.*s", TEXT_ARG(target), stage_name, TEXT_ARG(run)));
}

/* A run's id becomes a folder's name: nothing that could lead elsewhere. */
static enum status check(struct text target, struct text run, struct error *err)
{
	for (size_t i = 0; i < run.length; i++) {
		char byte = run.at[i];
		bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
			     (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_';
		if (!plain)
			return fail(err, STATUS_INVALID_ARGUMENT, "'%.*s' is not a run id",
				TEXT_ARG(run));
	}
	if (run.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "run id is empty");
	if (target.length == 0)
		return fail(err, STATUS_INVALID_ARGUMENT, "target location is empty");
	return STATUS_OK;
}

enum status stage_begin(struct store *store, struct text target, struct text run, struct error *err)
{
	TRY(check(target, run, err));
	return store->ops->stage_begin(target, run, err);
}

enum status stage_sync(struct store *store, const struct staged *staged, struct error *err)
{
	return store->ops->stage_sync(staged, err);
}

enum status stage_publish(struct store *store, const struct staged *staged, struct error *err)
{
	return store->ops->stage_publish(staged, err);
}

enum status stage_discard(
	struct store *store, struct text target, struct text run, struct error *err)
{
	TRY(check(target, run, err));
	return store->ops->stage_discard(target, run, err);
}

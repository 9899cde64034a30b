#include "service/commit_check.h"

#include "jobs/admit.h"
#include "storage/stage.h"

#include <stdbool.h>

/* No step up, no step to nowhere: "a/../b" and "a//b" name other places. */
static bool is_plain(struct text path)
{
	bool more = true;
	struct text rest = path;
	struct text piece;
	if (text_starts(rest, TEXT("/")))
		rest = text_from(rest, 1);
	while (text_split(&rest, &more, '/', &piece)) {
		if (piece.length == 0 || text_equal(piece, TEXT(".")) ||
			text_equal(piece, TEXT("..")))
			return false;
	}
	return true;
}

/* A dot or underscore first would hide the file from every reader. */
static bool is_visible(struct text below)
{
	bool more = true;
	struct text piece;
	while (text_split(&below, &more, '/', &piece)) {
		if (text_starts(piece, TEXT(".")) || text_starts(piece, TEXT("_")))
			return false;
	}
	return true;
}

static bool belongs(struct text from, struct text to, struct text target, struct text stage)
{
	return path_is_within(from, stage) && from.length > stage.length + 1 &&
	       path_is_within(to, target) && to.length > target.length + 1 &&
	       is_visible(text_from(to, target.length + 1));
}

static enum status check_file(const Tenon__Store__V1__RunRecord *record,
	const Tenon__V1__StagedFile *file, struct arena *arena, struct error *err)
{
	struct text from = text_of(file->from);
	struct text to = text_of(file->to);
	for (size_t i = 0; is_plain(from) && is_plain(to) && i < record->n_stage_targets; i++) {
		struct text target = text_of(record->stage_targets[i]);
		if (belongs(from, to, target,
			    stage_folder(arena, target, text_of(record->run->id))))
			return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"'%s' may not be published as '%s': it is not staged by this run for one of its "
		"targets",
		file->from, file->to);
}

enum status commit_check(const Tenon__Store__V1__RunRecord *record,
	const Tenon__V1__CommitRunRequest *request, struct arena *arena, struct error *err)
{
	if (record->run->kind != TENON__V1__RUN_KIND__RUN_KIND_JOB)
		return fail(err, STATUS_FAILED_PRECONDITION, "run '%s' is not a job's",
			record->run->id);
	for (size_t i = 0; i < request->n_files; i++)
		TRY(check_file(record, request->files[i], arena, err));
	return STATUS_OK;
}

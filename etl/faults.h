#pragma once

#include "etl/source.h"

/* Files that turn out to be corrupt or unreadable while they are read. A bookmark
 * brings a file back when it is mended, so a source that has one goes on without
 * such files: they are set aside, reported, and not remembered. A source without a
 * bookmark would just give other rows, so its run fails. */

/* Whether `status`, of opening or reading a file, is the file's own failing. */
bool fault_of_file(enum status status);
/* Any thread: `err`, which names the file, is why file `index` cannot be read. */
void fault_note(struct source *source, size_t index, const struct error *err);

/* Take faulty files out of the sources, which then count anew. The failure `err`
 * holds is returned, with what to do about it, when no file is at fault, when a
 * faulty one's source has no bookmark, or past SOURCE_FAULTS. */
enum status faults_set_aside(struct source *sources, size_t count, struct error *err) MUST_USE;
/* The same for files without a single good record: nothing of theirs was used, so
 * nothing needs to be done again. */
void hollow_set_aside(struct source *source);
/* What to do, when a file is at fault; returns the failure that `err` holds. */
enum status faults_advise(const struct source *sources, size_t count, struct error *err);

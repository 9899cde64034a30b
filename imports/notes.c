#include "imports/notes.h"

#include <string.h>

const char *import_fate_name(enum import_fate fate)
{
	static const char *const names[] = {
		[IMPORT_LEFT_OUT] = "left out",
		[IMPORT_KEPT] = "kept",
		[IMPORT_CHANGED] = "changed",
		[IMPORT_ADDED] = "added",
	};
	return names[fate];
}

void import_note(
	struct import_notes *notes, enum import_fate fate, const char *what, const char *how)
{
	for (size_t i = 0; i < notes->count; i++) {
		struct import_note *row = &notes->rows[i];
		if (row->fate == fate && strcmp(row->what, what) == 0 &&
			strcmp(row->how, how) == 0) {
			row->count++;
			return;
		}
	}
	if (notes->count == LIMIT_IMPORT_NOTES) {
		notes->others++;
		return;
	}
	notes->rows[notes->count++] = (struct import_note){.fate = fate,
		.what = arena_text(notes->arena, text_of(what)),
		.how = arena_text(notes->arena, text_of(how)),
		.count = 1};
}

/* Any bytes as DDL: refused or read, in bounded memory; and read in
 * pieces of another size they say the same. */
#include "imports/ddl.h"
#include "proto/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct source {
	struct text rest;
	size_t piece;
};

static enum status read_piece(
	void *state, char *at, size_t size, size_t *got_out, struct error *err)
{
	struct source *source = state;
	(void)err;
	size_t most = source->piece < size ? source->piece : size;
	*got_out = source->rest.length < most ? source->rest.length : most;
	if (*got_out)
		memcpy(at, source->rest.at, *got_out);
	source->rest = text_from(source->rest, *got_out);
	return STATUS_OK;
}

static size_t read_all(struct text file, size_t piece, enum status *status_out)
{
	OWNED(arena) arena = arena_new();
	struct source source = {file, piece};
	OWNED(ddl) ddl = ddl_new((struct byte_source){&source, read_piece});
	struct import_notes *notes = arena_alloc(arena, sizeof *notes);
	size_t items = 0;
	notes->arena = arena;
	for (;;) {
		struct import_item item;
		struct error err;
		bool found = false;
		*status_out = ddl_next(ddl, arena, notes, &item, &found, &err);
		if (*status_out != STATUS_OK || !found)
			return items;
		items++;
		if (item.why.status == STATUS_OK)
			(void)wire_pack(arena, &item.table->base);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct text file = {(const char *)bytes, length};
	enum status whole, pieces;
	if (read_all(file, SIZE_MAX, &whole) != read_all(file, 7, &pieces) || whole != pieces)
		abort();
	return 0;
}

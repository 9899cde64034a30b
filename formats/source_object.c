#include "base/memory.h"
#include "formats/codec.h"

enum status source_open(struct store *store, const struct object *object,
	struct source **source_out, struct error *err)
{
	OWNED(object_file) file = NULL;
	TRY(object_open(store, object, &file, err));
	struct intake intake = {
		.buffer = memory_new(INTAKE_BYTES),
		.file = TAKE(file),
		.fetch = object_read,
		.close = object_file_free,
	};
	return source_open_intake(&intake, source_out, err);
}

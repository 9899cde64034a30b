#include "storage/store.h"

#include "base/limits.h"
#include "base/memory.h"
#include "storage/ops.h"

#include <stdlib.h>

static const struct store_ops *const kinds[] = {&store_local};

void store_free(struct store *store)
{
	free(store);
}

enum status store_open(struct text location, struct store **store_out, struct error *err)
{
	struct text scheme = TEXT("file");
	for (size_t at = 0; at + 2 < location.length; at++) {
		if (memcmp(location.at + at, "://", 3) == 0) {
			scheme = text_until(location, at);
			break;
		}
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (text_equal(scheme, text_of(kinds[i]->scheme))) {
			struct store *store = memory_new(sizeof *store);
			store->ops = kinds[i];
			*store_out = store;
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_UNIMPLEMENTED,
		"no storage for '%.*s://' yet: local paths and file:// work", TEXT_ARG(scheme));
}

enum status store_list(struct store *store, struct text prefix, struct arena *arena,
	struct listing *listing_out, struct error *err)
{
	return store->ops->list(prefix, arena, listing_out, err);
}

enum status store_stat(struct store *store, struct text path, struct arena *arena,
	struct object *object_out, struct error *err)
{
	return store->ops->stat(path, arena, object_out, err);
}

enum status object_open(struct store *store, const struct object *object,
	struct object_file **file_out, struct error *err)
{
	return store->ops->open(object, file_out, err);
}

void object_file_free(struct object_file *file)
{
	if (file)
		file->ops->close(file);
}

enum status object_read(struct object_file *file, uint64_t offset, void *bytes, size_t length,
	size_t *read_out, struct error *err)
{
	return file->ops->read(file, offset, bytes, length, read_out, err);
}

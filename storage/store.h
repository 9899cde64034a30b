#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Where bytes are, behind one door for every kind of storage. A location is an
 * absolute path, file:///path, or scheme://bucket/prefix. Any thread. */
struct store;

/* The store that `location` lives in. UNIMPLEMENTED names the scheme when none does. */
enum status store_open(struct text location, struct store **store_out, struct error *err) MUST_USE;
void store_free(struct store *store);
OWNABLE(store);

/* The location as it is recorded: absolute, no "." or "..", no doubled or final slash. */
enum status location_normal(struct arena *arena, struct text location, struct text *normal_out,
	struct error *err) MUST_USE;

/* One object as a listing sees it. */
struct object {
	struct text path; /* absolute location */
	uint64_t bytes;
	int64_t modified_ns; /* since 1970 UTC */
	struct text etag; /* empty where the store has none */
};

struct listing {
	struct object *objects; /* sorted by path, as bytes */
	size_t count;
	uint64_t skipped_hidden; /* names starting with '.' or '_', at any depth below the prefix */
	uint64_t skipped_empty; /* zero bytes */
	uint64_t skipped_other; /* sockets, devices, links that leave the prefix or loop */
};

/* Everything under `prefix` (an object or a folder), in `arena`. Hidden names are
 * skipped unless the prefix itself is one. NOT_FOUND names the prefix;
 * RESOURCE_EXHAUSTED past LIMIT_LISTING_OBJECTS. */
enum status store_list(struct store *store, struct text prefix, struct arena *arena,
	struct listing *listing_out, struct error *err) MUST_USE;

enum status store_stat(struct store *store, struct text path, struct arena *arena,
	struct object *object_out, struct error *err) MUST_USE;

/* An open object, read at any offset. Any thread may read. */
struct object_file;
enum status object_open(struct store *store, const struct object *object,
	struct object_file **file_out, struct error *err) MUST_USE;
void object_file_free(struct object_file *file);
OWNABLE(object_file);
/* Up to `length` bytes at `offset`; fewer only at the end. */
enum status object_read(struct object_file *file, uint64_t offset, void *bytes, size_t length,
	size_t *read_out, struct error *err) MUST_USE;

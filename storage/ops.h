#pragma once

#include "storage/stage.h"
#include "storage/store.h"

/* One kind of storage: one file, one row in store.c. Within the room only. */
struct store_ops {
	const char *scheme; /* "file", "s3" */
	enum status (*list)(struct text prefix, struct arena *arena, struct listing *listing_out,
		struct error *err);
	enum status (*stat)(struct text path, struct arena *arena, struct object *object_out,
		struct error *err);
	enum status (*open)(
		const struct object *object, struct object_file **file_out, struct error *err);
	void (*close)(struct object_file *file);
	enum status (*read)(struct object_file *file, uint64_t offset, void *bytes, size_t length,
		size_t *read_out, struct error *err);
	enum status (*stage_begin)(struct text target, struct text run, struct error *err);
	enum status (*stage_sync)(const struct staged *staged, struct error *err);
	enum status (*stage_publish)(const struct staged *staged, struct error *err);
	enum status (*stage_discard)(struct text target, struct text run, struct error *err);
};

struct store {
	const struct store_ops *ops;
};

struct object_file {
	const struct store_ops *ops;
	int descriptor;
	const char *path; /* for messages; owned */
};

extern const struct store_ops store_local;

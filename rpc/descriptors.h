#pragma once

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>

/* A FileDescriptorSet (google/protobuf/descriptor.proto) read in place: what
 * reflection answers from, and where streaming flags are, which protobuf-c's own
 * descriptors lack. The bytes are our own build's. Only for files of this room. */
struct descriptor_file {
	struct text name; /* "tenon/v1/catalog.proto" */
	struct text bytes; /* the packed FileDescriptorProto, as protoc wrote it */
};
struct descriptors {
	struct descriptor_file *files;
	size_t count;
};

/* Borrows `set`; the index lives in `arena`. */
struct descriptors descriptors_index(struct arena *arena, struct text set);

/* The file's place; SIZE_MAX when there is none. A symbol is a full name of a
 * message, field, enum, value, service or method, without a leading dot. */
size_t descriptors_file(const struct descriptors *set, struct text name);
size_t descriptors_symbol(const struct descriptors *set, struct text symbol);

/* The file and all it imports, each once, importers first; count in *count_out. */
size_t *descriptors_closure(
	const struct descriptors *set, size_t file, struct arena *arena, size_t *count_out);

/* False when the set does not know the method. */
bool descriptors_method(const struct descriptors *set, struct text service, struct text method,
	bool *client_streams_out, bool *server_streams_out);

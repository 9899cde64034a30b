#pragma once

#include "registry/reading.h"

/* Inside the room: what a data format is. One file and one row of the table in
 * registry.c each. */
struct format {
	Tenon__V1__DataFormat id;
	const char *name;
	enum status (*parse)(
		struct arena *arena, struct text text, const void **parsed_out, struct error *err);
	void (*print)(const void *parsed, struct buffer *out); /* canonical text */
	bool (*reads)(struct reading *reading, const void *reader, const void *writer);
	void (*columns)(struct arena *arena, const void *parsed, struct schema *schema_out);
};

extern const struct format format_avro, format_json, format_protobuf;

struct definition {
	const struct format *format;
	struct text text;
	const void *parsed;
};

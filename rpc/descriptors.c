#include "rpc/descriptors.h"

#include "base/varint.h"

#include <string.h>

/* Field numbers of google/protobuf/descriptor.proto. */
enum {
	SET_FILE = 1,
	FILE_NAME = 1,
	FILE_PACKAGE = 2,
	FILE_DEPENDENCY = 3,
	FILE_MESSAGE = 4,
	FILE_ENUM = 5,
	FILE_SERVICE = 6,
	FILE_EXTENSION = 7,
	MESSAGE_FIELD = 2,
	MESSAGE_NESTED = 3,
	MESSAGE_ENUM = 4,
	MESSAGE_EXTENSION = 6,
	MESSAGE_ONEOF = 8,
	ENUM_VALUE = 2,
	SERVICE_METHOD = 2,
	METHOD_CLIENT_STREAMING = 5,
	METHOD_SERVER_STREAMING = 6,
	ANY_NAME = 1, /* of a message, field, enum, value, service, method */
	DEPTH_MAX = 32,
};

struct field {
	uint64_t number;
	uint64_t varint;
	struct text bytes;
};

/* The next field of a packed message; false at the end (or at broken bytes). */
static bool field_next(struct text *rest, struct field *field_out)
{
	uint64_t key;
	uint64_t length;
	if (!varint_take(rest, &key))
		return false;
	*field_out = (struct field){.number = key >> 3, .bytes = TEXT("")};
	switch (key & 7) {
	case 0:
		return varint_take(rest, &field_out->varint);
	case 1:
		length = 8;
		break;
	case 2:
		if (!varint_take(rest, &length))
			return false;
		break;
	case 5:
		length = 4;
		break;
	default:
		return false;
	}
	if (length > rest->length)
		return false;
	field_out->bytes = text_until(*rest, length);
	*rest = text_from(*rest, length);
	return true;
}

/* The first field with this number; empty when absent. */
static struct text field_text(struct text message, uint64_t number)
{
	struct field field;
	while (field_next(&message, &field)) {
		if (field.number == number)
			return field.bytes;
	}
	return TEXT("");
}

struct descriptors descriptors_index(struct arena *arena, struct text set)
{
	struct descriptors index = {0};
	struct field field;
	for (struct text rest = set; field_next(&rest, &field);)
		index.count += field.number == SET_FILE;
	index.files = arena_array(arena, index.count, sizeof *index.files);
	size_t at = 0;
	for (struct text rest = set; field_next(&rest, &field);) {
		if (field.number == SET_FILE)
			index.files[at++] = (struct descriptor_file){
				field_text(field.bytes, FILE_NAME), field.bytes};
	}
	return index;
}

size_t descriptors_file(const struct descriptors *set, struct text name)
{
	for (size_t i = 0; i < set->count; i++) {
		if (text_equal(set->files[i].name, name))
			return i;
	}
	return SIZE_MAX;
}

/* Take `name` and a dot off the front of the symbol; true when the symbol was
 * exactly `name` (then nothing is left of it). */
static bool strip(struct text *symbol, struct text name, bool *is_within)
{
	*is_within = false;
	if (!text_starts(*symbol, name))
		return false;
	if (symbol->length == name.length)
		return true;
	if (symbol->at[name.length] == '.') {
		*is_within = true;
		*symbol = text_from(*symbol, name.length + 1);
	}
	return false;
}

/* The kinds of named things inside a message, an enum or a service. */
enum scope { SCOPE_FILE, SCOPE_MESSAGE, SCOPE_ENUM, SCOPE_SERVICE, SCOPE_LEAF, SCOPE_NONE };

static enum scope scope_of(enum scope outer, uint64_t number)
{
	static const struct {
		uint64_t number;
		enum scope outer;
		enum scope inner;
	} rows[] = {
		{FILE_MESSAGE, SCOPE_FILE, SCOPE_MESSAGE},
		{FILE_ENUM, SCOPE_FILE, SCOPE_ENUM},
		{FILE_SERVICE, SCOPE_FILE, SCOPE_SERVICE},
		{FILE_EXTENSION, SCOPE_FILE, SCOPE_LEAF},
		{MESSAGE_FIELD, SCOPE_MESSAGE, SCOPE_LEAF},
		{MESSAGE_NESTED, SCOPE_MESSAGE, SCOPE_MESSAGE},
		{MESSAGE_ENUM, SCOPE_MESSAGE, SCOPE_ENUM},
		{MESSAGE_EXTENSION, SCOPE_MESSAGE, SCOPE_LEAF},
		{MESSAGE_ONEOF, SCOPE_MESSAGE, SCOPE_LEAF},
		{ENUM_VALUE, SCOPE_ENUM, SCOPE_LEAF},
		{SERVICE_METHOD, SCOPE_SERVICE, SCOPE_LEAF},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].outer == outer && rows[i].number == number)
			return rows[i].inner;
	}
	return SCOPE_NONE;
}

static bool scope_has(enum scope scope, struct text bytes, struct text symbol, unsigned depth)
{
	struct field field;
	while (depth < DEPTH_MAX && field_next(&bytes, &field)) {
		enum scope inner = scope_of(scope, field.number);
		if (inner == SCOPE_NONE)
			continue;
		struct text within = symbol;
		bool is_within;
		if (strip(&within, field_text(field.bytes, ANY_NAME), &is_within))
			return true;
		if (is_within && scope_has(inner, field.bytes, within, depth + 1))
			return true;
	}
	return false;
}

size_t descriptors_symbol(const struct descriptors *set, struct text symbol)
{
	for (size_t i = 0; i < set->count; i++) {
		struct text within = symbol;
		struct text package = field_text(set->files[i].bytes, FILE_PACKAGE);
		bool is_within = true;
		if (package.length)
			(void)strip(&within, package, &is_within);
		if (is_within && scope_has(SCOPE_FILE, set->files[i].bytes, within, 0))
			return i;
	}
	return SIZE_MAX;
}

size_t *descriptors_closure(
	const struct descriptors *set, size_t file, struct arena *arena, size_t *count_out)
{
	size_t *found = arena_array(arena, set->count, sizeof *found);
	bool *taken = arena_array(arena, set->count, sizeof *taken);
	size_t count = 0;
	found[count++] = file;
	taken[file] = true;
	for (size_t at = 0; at < count; at++) {
		struct field field;
		for (struct text rest = set->files[found[at]].bytes; field_next(&rest, &field);) {
			size_t import = field.number == FILE_DEPENDENCY
						? descriptors_file(set, field.bytes)
						: SIZE_MAX;
			if (import == SIZE_MAX || taken[import])
				continue;
			taken[import] = true;
			found[count++] = import;
		}
	}
	*count_out = count;
	return found;
}

static bool method_flags(
	struct text bytes, struct text method, bool *client_streams_out, bool *server_streams_out)
{
	if (!text_equal(field_text(bytes, ANY_NAME), method))
		return false;
	struct field field;
	*client_streams_out = false;
	*server_streams_out = false;
	while (field_next(&bytes, &field)) {
		if (field.number == METHOD_CLIENT_STREAMING)
			*client_streams_out = field.varint != 0;
		if (field.number == METHOD_SERVER_STREAMING)
			*server_streams_out = field.varint != 0;
	}
	return true;
}

static bool service_method(
	struct text service, struct text method, bool *client_streams_out, bool *server_streams_out)
{
	struct field field;
	while (field_next(&service, &field)) {
		if (field.number == SERVICE_METHOD &&
			method_flags(field.bytes, method, client_streams_out, server_streams_out))
			return true;
	}
	return false;
}

bool descriptors_method(const struct descriptors *set, struct text service, struct text method,
	bool *client_streams_out, bool *server_streams_out)
{
	size_t file = descriptors_symbol(set, service);
	if (file == SIZE_MAX)
		return false;
	struct text rest = set->files[file].bytes;
	struct text package = field_text(rest, FILE_PACKAGE);
	struct text name = package.length ? text_from(service, package.length + 1) : service;
	struct field field;
	while (field_next(&rest, &field)) {
		if (field.number == FILE_SERVICE &&
			text_equal(field_text(field.bytes, ANY_NAME), name))
			return service_method(
				field.bytes, method, client_streams_out, server_streams_out);
	}
	return false;
}

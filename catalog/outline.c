#include "catalog/outline.h"

#include "base/varint.h"

/* Numbers as in table.proto; the wire format is Protocol Buffers' "Encoding". */
enum { TABLE_STORAGE = 5, WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static bool table_drops(uint64_t field)
{
	return field == 3 /* description */ || field == 6 /* partition_keys */ ||
	       field == 8 /* parameters */ || field == 9 || field == 10 /* view texts */ ||
	       field == 27 /* evidence */;
}

static bool storage_drops(uint64_t field)
{
	return field == 1 /* columns */ || field == 7 /* serde */ || field == 10 /* parameters */;
}

static bool body_drops(uint64_t field)
{
	return field == 20 /* id */ || field == 21 /* version */ || field == 22 /* fingerprint */ ||
	       field == 24 /* update_time_us */ || field == 25 /* updated_by */ ||
	       field == 26 /* partition_count */;
}

struct field {
	uint64_t number;
	struct text whole; /* tag and value */
	struct text value; /* of WIRE_BYTES */
};

static bool field_take(struct text *rest, struct field *field)
{
	struct text start = *rest;
	uint64_t tag = 0;
	uint64_t length = 0;
	if (!varint_take(rest, &tag))
		return false;
	field->number = tag >> 3;
	switch (tag & 7) {
	case WIRE_VARINT:
		if (!varint_take(rest, &length))
			return false;
		length = 0;
		break;
	case WIRE_64:
		length = 8;
		break;
	case WIRE_32:
		length = 4;
		break;
	case WIRE_BYTES:
		if (!varint_take(rest, &length))
			return false;
		break;
	default:
		return false;
	}
	if (length > rest->length)
		return false;
	field->value = text_until(*rest, length);
	*rest = text_from(*rest, length);
	field->whole = text_until(start, start.length - rest->length);
	return true;
}

/* What is kept of `packed`, at `out`; SIZE_MAX when it is no message. */
static size_t keep(struct text packed, bool (*drops)(uint64_t field), char *out)
{
	size_t length = 0;
	while (packed.length) {
		struct field field;
		if (!field_take(&packed, &field))
			return SIZE_MAX;
		if (drops(field.number))
			continue;
		memcpy(out + length, field.whole.at, field.whole.length);
		length += field.whole.length;
	}
	return length;
}

static enum status damaged(struct error *err)
{
	return fail(err, STATUS_DATA_LOSS, "a table's record is damaged");
}

enum status table_body(
	struct text packed, struct arena *arena, struct text *body_out, struct error *err)
{
	char *out = arena_alloc(arena, packed.length);
	size_t length = keep(packed, body_drops, out);
	*body_out = (struct text){out, length};
	return length == SIZE_MAX ? damaged(err) : STATUS_OK;
}

enum status table_outline(
	struct text packed, struct arena *arena, struct text *outline_out, struct error *err)
{
	char *out = arena_alloc(arena, packed.length);
	char *storage = arena_alloc(arena, packed.length);
	size_t length = 0;
	while (packed.length) {
		struct field field;
		size_t kept = 0;
		bool good = field_take(&packed, &field);
		if (good && field.number == TABLE_STORAGE)
			kept = keep(field.value, storage_drops, storage);
		if (!good || kept == SIZE_MAX)
			return damaged(err);
		if (table_drops(field.number))
			continue;
		if (field.number != TABLE_STORAGE) {
			memcpy(out + length, field.whole.at, field.whole.length);
			length += field.whole.length;
			continue;
		}
		/* Never longer than it was: the length can only shrink. */
		length += varint_put(out + length, TABLE_STORAGE << 3 | WIRE_BYTES);
		length += varint_put(out + length, kept);
		memcpy(out + length, storage, kept);
		length += kept;
	}
	*outline_out = (struct text){out, length};
	return STATUS_OK;
}

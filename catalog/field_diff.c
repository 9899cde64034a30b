#include "catalog/field_diff.h"

#include "base/limits.h"
#include "base/memory.h"
#include "proto/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { VALUE_BYTES_MAX = 1024, SERVER_FIELDS_FROM = 20 /* of a Table's numbers */ };

struct diff {
	struct arena *arena;
	Tenon__V1__FieldChange **changes;
	size_t count;
	size_t capacity;
};

static const void *member(const ProtobufCMessage *message, unsigned offset)
{
	return (const char *)message + offset;
}

static struct text cut(struct text text)
{
	if (text.length <= VALUE_BYTES_MAX)
		return text;
	text.length = VALUE_BYTES_MAX;
	/* Not inside a character. */
	while (text.length && ((unsigned char)text.at[text.length] & 0xc0) == 0x80)
		text.length--;
	return text;
}

static void add(struct diff *diff, const char *path, struct text before, struct text after)
{
	if (text_equal(before, after) || diff->count == LIMIT_FEED_FIELDS)
		return;
	size_t wanted = memory_grown(diff->capacity, diff->count + 1);
	if (wanted != diff->capacity) {
		diff->changes = arena_grow(
			diff->arena, diff->changes, diff->count, wanted, sizeof *diff->changes);
		diff->capacity = wanted;
	}
	Tenon__V1__FieldChange *change = arena_alloc(diff->arena, sizeof *change);
	tenon__v1__field_change__init(change);
	change->path = arena_text(diff->arena, text_of(path));
	change->before = arena_text(diff->arena, cut(before));
	change->after = arena_text(diff->arena, cut(after));
	diff->changes[diff->count++] = change;
}

static const char *enum_name(const ProtobufCFieldDescriptor *field, int value)
{
	const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(
		(const ProtobufCEnumDescriptor *)field->descriptor, value);
	return found ? found->name : "";
}

/* A single value, at `at`; nothing for the default. */
static struct text value_text(
	struct arena *arena, const ProtobufCFieldDescriptor *field, const void *at)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return text_of(*(char *const *)at ? *(char *const *)at : "");
	case PROTOBUF_C_TYPE_BYTES: {
		const ProtobufCBinaryData *data = at;
		return text_of(data->len ? arena_printf(arena, "%zu bytes", data->len) : "");
	}
	case PROTOBUF_C_TYPE_BOOL:
		return text_of(*(const protobuf_c_boolean *)at ? "true" : "");
	case PROTOBUF_C_TYPE_ENUM:
		return text_of(*(const int *)at ? enum_name(field, *(const int *)at) : "");
	case PROTOBUF_C_TYPE_FLOAT:
		return text_of(arena_printf(arena, "%.9g", (double)*(const float *)at));
	case PROTOBUF_C_TYPE_DOUBLE:
		return text_of(arena_printf(arena, "%.17g", *(const double *)at));
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return text_of(arena_printf(arena, "%" PRIu32, *(const uint32_t *)at));
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return text_of(arena_printf(arena, "%" PRId32, *(const int32_t *)at));
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return text_of(arena_printf(arena, "%" PRIu64, *(const uint64_t *)at));
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return text_of(arena_printf(arena, "%" PRId64, *(const int64_t *)at));
	case PROTOBUF_C_TYPE_MESSAGE:
		break;
	}
	return TEXT("");
}

static const ProtobufCMessageDescriptor *inner(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_MESSAGE
		       ? (const ProtobufCMessageDescriptor *)field->descriptor
		       : NULL;
}

static size_t list_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return *(const size_t *)member(message, field->quantifier_offset);
}

static ProtobufCMessage *const *list_items(
	const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	return *(ProtobufCMessage *const *const *)member(message, field->offset);
}

/* A list of texts or messages as JSON. */
static struct text list_text(
	struct diff *diff, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	struct buffer SCOPED_BUFFER out;
	size_t count = list_count(message, field);
	struct error err;
	buffer_init(&out, LIMIT_MESSAGE_BYTES);
	for (size_t i = 0; i < count; i++) {
		buffer_add_string(&out, i ? "," : "[");
		if (field->type == PROTOBUF_C_TYPE_STRING)
			json_add_string(&out, text_of((*(char *const *const *)member(
						      message, field->offset))[i]));
		else if (inner(field) && json_print(list_items(message, field)[i], JSON_COMPACT,
						 &out, &err) != STATUS_OK)
			break;
	}
	if (count)
		buffer_add_byte(&out, ']');
	return arena_copy(diff->arena, buffer_text(&out));
}

static const char *entry_key(const ProtobufCMessage *message)
{
	/* Both a map's entry and a column begin with their text. */
	return *(char *const *)member(message, message->descriptor->fields[0].offset);
}

static int entry_compare(const void *a, const void *b)
{
	const ProtobufCMessage *left = *(ProtobufCMessage *const *)a;
	const ProtobufCMessage *right = *(ProtobufCMessage *const *)b;
	bool column = left->descriptor == &tenon__v1__column__descriptor;
	return column ? strcasecmp(entry_key(left), entry_key(right))
		      : strcmp(entry_key(left), entry_key(right));
}

static const ProtobufCMessage **sorted(struct diff *diff, const ProtobufCMessage *message,
	const ProtobufCFieldDescriptor *field, size_t *count_out)
{
	size_t count = list_count(message, field);
	const ProtobufCMessage **items = arena_array(diff->arena, count + 1, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = list_items(message, field)[i];
	if (count)
		qsort(items, count, sizeof *items, entry_compare);
	*count_out = count;
	return items;
}

static void compare(struct diff *diff, const char *path, const ProtobufCMessage *before,
	const ProtobufCMessage *after);

/* One key of both sides, NULL where it is not; `any` is the one that is there. */
static void compare_entry(struct diff *diff, const char *path, const ProtobufCMessage *any,
	const ProtobufCMessage *before, const ProtobufCMessage *after)
{
	const char *here = arena_printf(diff->arena, "%s.%s", path, entry_key(any));
	if (any->descriptor == &tenon__v1__column__descriptor) {
		if (before && after)
			compare(diff, here, before, after);
		return;
	}
	const ProtobufCFieldDescriptor *value = &any->descriptor->fields[1];
	struct text none = TEXT("");
	add(diff, here,
		before ? value_text(diff->arena, value, member(before, value->offset)) : none,
		after ? value_text(diff->arena, value, member(after, value->offset)) : none);
}

static void compare_keyed(struct diff *diff, const char *path, const ProtobufCMessage *before,
	const ProtobufCMessage *after, const ProtobufCFieldDescriptor *field)
{
	size_t left_count;
	size_t right_count;
	const ProtobufCMessage **left = sorted(diff, before, field, &left_count);
	const ProtobufCMessage **right = sorted(diff, after, field, &right_count);
	size_t l = 0;
	size_t r = 0;
	while (l < left_count || r < right_count) {
		int order = l == left_count    ? 1
			    : r == right_count ? -1
					       : entry_compare(&left[l], &right[r]);
		compare_entry(diff, path, order <= 0 ? left[l] : right[r],
			order <= 0 ? left[l] : NULL, order >= 0 ? right[r] : NULL);
		l += order <= 0;
		r += order >= 0;
	}
}

/* A map of texts, or columns. */
static bool is_keyed(const ProtobufCFieldDescriptor *field)
{
	const ProtobufCMessageDescriptor *type = inner(field);
	if (!type || type == &tenon__v1__column__descriptor)
		return type;
	return type->n_fields == 2 && strcmp(type->fields[0].name, "key") == 0 &&
	       strcmp(type->fields[1].name, "value") == 0 &&
	       type->fields[0].type == PROTOBUF_C_TYPE_STRING &&
	       type->fields[1].type != PROTOBUF_C_TYPE_MESSAGE;
}

static const ProtobufCMessage *or_empty(
	struct diff *diff, const ProtobufCMessage *message, const ProtobufCMessageDescriptor *type)
{
	if (message)
		return message;
	ProtobufCMessage *empty = arena_alloc(diff->arena, type->sizeof_message);
	type->message_init(empty);
	return empty;
}

static void compare_field(struct diff *diff, const char *path, const ProtobufCMessage *before,
	const ProtobufCMessage *after, const ProtobufCFieldDescriptor *field)
{
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		if (is_keyed(field))
			compare_keyed(diff, path, before, after, field);
		else
			add(diff, path, list_text(diff, before, field),
				list_text(diff, after, field));
		return;
	}
	if (!inner(field)) {
		add(diff, path, value_text(diff->arena, field, member(before, field->offset)),
			value_text(diff->arena, field, member(after, field->offset)));
		return;
	}
	const ProtobufCMessage *left = *(ProtobufCMessage *const *)member(before, field->offset);
	const ProtobufCMessage *right = *(ProtobufCMessage *const *)member(after, field->offset);
	if (left || right)
		compare(diff, path, or_empty(diff, left, inner(field)),
			or_empty(diff, right, inner(field)));
}

static bool is_told_elsewhere(
	const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field)
{
	if (type == &tenon__v1__table__descriptor)
		return field->id >= SERVER_FIELDS_FROM;
	return type == &tenon__v1__column__descriptor &&
	       (strcmp(field->name, "name") == 0 || strcmp(field->name, "type") == 0);
}

static void compare(struct diff *diff, const char *path, const ProtobufCMessage *before,
	const ProtobufCMessage *after)
{
	const ProtobufCMessageDescriptor *type = before->descriptor;
	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		if (is_told_elsewhere(type, field))
			continue;
		const char *here = path[0] ? arena_printf(diff->arena, "%s.%s", path, field->name)
					   : field->name;
		compare_field(diff, here, before, after, field);
	}
}

void field_diff(struct arena *arena, const Tenon__V1__Table *before, const Tenon__V1__Table *after,
	Tenon__V1__FieldChange ***changes_out, size_t *count_out)
{
	struct diff diff = {.arena = arena};
	if (before && after)
		compare(&diff, "", &before->base, &after->base);
	*changes_out = diff.changes;
	*count_out = diff.count;
}

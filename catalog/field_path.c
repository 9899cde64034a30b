#include "catalog/field_path.h"

#include <string.h>

/* A walk down one path, in one or two tables at once. */
struct walk {
	struct arena *arena;
	struct text value; /* to set */
	bool sets; /* rather than copies */
};

static char *at(const ProtobufCMessage *message, unsigned offset)
{
	return (char *)(uintptr_t)message + offset;
}

struct text field_path_short(struct text path)
{
	return text_starts(path, TEXT("storage.columns.")) ? text_from(path, 8) : path;
}

bool field_path_column_type(struct text path, struct text *column_out)
{
	struct text head = TEXT("columns.");
	struct text tail = TEXT(".type");
	if (!text_starts(path, head) || !text_ends(path, tail) ||
		path.length < head.length + tail.length)
		return false;
	*column_out =
		text_until(text_from(path, head.length), path.length - head.length - tail.length);
	return true;
}

static ProtobufCMessage *copy_of(
	struct walk *walk, const ProtobufCMessage *message, const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *copy = arena_alloc(walk->arena, type->sizeof_message);
	if (message)
		memcpy(copy, message, type->sizeof_message);
	else
		type->message_init(copy);
	return copy;
}

struct list {
	ProtobufCMessage **items;
	size_t count;
};

static struct list list_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	struct list none = {NULL, 0};
	if (!message)
		return none;
	return (struct list){*(ProtobufCMessage * *const *)(void *)at(message, field->offset),
		*(size_t *)(void *)at(message, field->quantifier_offset)};
}

static void list_set(
	ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, struct list list)
{
	*(ProtobufCMessage ***)(void *)at(message, field->offset) = list.items;
	*(size_t *)(void *)at(message, field->quantifier_offset) = list.count;
}

static struct list list_copy(struct walk *walk, struct list list)
{
	ProtobufCMessage **items = arena_array(walk->arena, list.count + 1, sizeof *items);
	for (size_t i = 0; i < list.count; i++)
		items[i] = list.items[i];
	return (struct list){items, list.count};
}

static struct text name_of(const ProtobufCMessage *item)
{
	return text_of(*(char **)(void *)at(item, item->descriptor->fields[0].offset));
}

static bool is_column(const ProtobufCMessageDescriptor *type)
{
	return type == &tenon__v1__column__descriptor;
}

/* The item that the path begins with: a map's entry by all of it, a column by the
 * longest name that a point follows. */
static size_t item_find(struct list list, const ProtobufCMessageDescriptor *type, struct text path)
{
	size_t found = list.count;
	size_t longest = 0;
	for (size_t i = 0; i < list.count; i++) {
		struct text name = name_of(list.items[i]);
		if (!is_column(type) && text_equal(name, path))
			return i;
		if (is_column(type) && path.length > name.length && path.at[name.length] == '.' &&
			name.length >= longest &&
			text_equal_folded(text_until(path, name.length), name)) {
			found = i;
			longest = name.length;
		}
	}
	return found;
}

static struct list without(struct list list, size_t place)
{
	list.count--;
	for (size_t i = place; i < list.count; i++)
		list.items[i] = list.items[i + 1];
	return list;
}

static bool walk_down(
	struct walk *walk, ProtobufCMessage *to, const ProtobufCMessage *from, struct text path);

static bool in_columns(struct walk *walk, ProtobufCMessage *to, const ProtobufCMessage *from,
	const ProtobufCFieldDescriptor *field, struct text path)
{
	const ProtobufCMessageDescriptor *type = field->descriptor;
	struct list target = list_copy(walk, list_of(to, field));
	struct list source = list_of(from, field);
	size_t place = item_find(target, type, path);
	size_t origin = item_find(source, type, path);
	bool has = place < target.count;
	if (!has && origin >= source.count)
		return false;
	if (!has) {
		target.items[target.count++] = source.items[origin];
		list_set(to, field, target);
		return true;
	}
	struct text rest = text_from(path, name_of(target.items[place]).length + 1);
	target.items[place] = copy_of(walk, target.items[place], type);
	list_set(to, field, target);
	return walk_down(walk, target.items[place],
		origin < source.count ? source.items[origin] : NULL, rest);
}

static bool in_map(struct walk *walk, ProtobufCMessage *to, const ProtobufCMessage *from,
	const ProtobufCFieldDescriptor *field, struct text key)
{
	const ProtobufCMessageDescriptor *type = field->descriptor;
	struct list target = list_copy(walk, list_of(to, field));
	struct list source = list_of(from, field);
	size_t place = item_find(target, type, key);
	size_t origin = item_find(source, type, key);
	ProtobufCMessage *entry = origin < source.count ? source.items[origin] : NULL;
	if (walk->sets && walk->value.length) {
		entry = copy_of(walk, NULL, type);
		*(char **)(void *)at(entry, type->fields[0].offset) = arena_text(walk->arena, key);
		*(char **)(void *)at(entry, type->fields[1].offset) =
			arena_text(walk->arena, walk->value);
	}
	if (entry && place < target.count)
		target.items[place] = entry;
	else if (entry)
		target.items[target.count++] = entry;
	else if (place < target.count)
		target = without(target, place);
	list_set(to, field, target);
	return true;
}

static bool set_value(
	struct walk *walk, ProtobufCMessage *to, const ProtobufCFieldDescriptor *field)
{
	void *place = at(to, field->offset);
	int64_t number = 0;
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return false;
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		*(char **)place = arena_text(walk->arena, walk->value);
		return true;
	case PROTOBUF_C_TYPE_BOOL:
		*(protobuf_c_boolean *)place = text_equal(walk->value, TEXT("true"));
		return true;
	case PROTOBUF_C_TYPE_INT32:
		if (walk->value.length && text_int64(walk->value, &number) != walk->value.length)
			return false;
		*(int32_t *)place = (int32_t)number;
		return true;
	case PROTOBUF_C_TYPE_INT64:
		if (walk->value.length && text_int64(walk->value, &number) != walk->value.length)
			return false;
		*(int64_t *)place = number;
		return true;
	default:
		return false;
	}
}

static size_t width(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_ENUM:
		return 4;
	default:
		return 8;
	}
}

static bool at_the_end(struct walk *walk, ProtobufCMessage *to, const ProtobufCMessage *from,
	const ProtobufCFieldDescriptor *field)
{
	if (walk->sets)
		return set_value(walk, to, field);
	if (!from)
		from = copy_of(walk, NULL, to->descriptor);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		list_set(to, field, list_of(from, field));
	else
		memcpy(at(to, field->offset), at(from, field->offset), width(field));
	return true;
}

static bool walk_down(
	struct walk *walk, ProtobufCMessage *to, const ProtobufCMessage *from, struct text path)
{
	struct text name = text_until(path, text_find(path, '.'));
	struct text rest = text_from(path, name.length + 1);
	char folded[64];
	if (name.length >= sizeof folded)
		return false;
	memcpy(folded, name.at, name.length);
	folded[name.length] = 0;
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(to->descriptor, folded);
	if (!field)
		return false;
	if (name.length == path.length)
		return at_the_end(walk, to, from, field);
	if (field->type != PROTOBUF_C_TYPE_MESSAGE)
		return false;
	const ProtobufCMessageDescriptor *type = field->descriptor;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		if (is_column(type))
			return in_columns(walk, to, from, field, rest);
		return strcmp(type->fields[0].name, "key") == 0 &&
		       in_map(walk, to, from, field, rest);
	}
	ProtobufCMessage **part = (ProtobufCMessage **)(void *)at(to, field->offset);
	ProtobufCMessage *origin =
		from ? *(ProtobufCMessage **)(void *)at(from, field->offset) : NULL;
	*part = copy_of(walk, *part, type);
	return walk_down(walk, *part, origin, rest);
}

static struct text whole(struct arena *arena, struct text path)
{
	return text_starts(path, TEXT("columns."))
		       ? text_of(arena_printf(arena, "storage.%.*s", TEXT_ARG(path)))
		       : path;
}

bool field_copy(
	struct arena *arena, Tenon__V1__Table *to, const Tenon__V1__Table *from, struct text path)
{
	struct walk walk = {.arena = arena};
	return walk_down(&walk, &to->base, &from->base, whole(arena, path));
}

enum status field_set(struct arena *arena, Tenon__V1__Table *table, struct text path,
	struct text value, struct error *err)
{
	struct walk walk = {.arena = arena, .value = value, .sets = true};
	if (!walk_down(&walk, &table->base, NULL, whole(arena, path)))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"field '%.*s' cannot be set by its path: put the table", TEXT_ARG(path));
	return STATUS_OK;
}

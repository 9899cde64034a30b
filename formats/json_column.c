#include "formats/json_column.h"

#include "base/hash.h"

static char *folded(struct arena *arena, struct text name)
{
	char *copy = arena_text(arena, name);
	for (size_t i = 0; i < name.length; i++)
		copy[i] = text_lower(copy[i]);
	return copy;
}

static size_t slot_of(const struct json_column *column, struct text name)
{
	size_t mask = column->slot_count - 1;
	size_t slot = (size_t)hash_of_64(name) & mask;
	while (column->slots[slot] &&
		!text_equal(column->children[column->slots[slot] - 1].name, name))
		slot = (slot + 1) & mask;
	return slot;
}

static void init_fields(struct arena *arena, struct json_column *column)
{
	column->slot_count = 2;
	while (column->slot_count < 2 * column->child_count)
		column->slot_count *= 2;
	column->slots = arena_array(arena, column->slot_count, sizeof *column->slots);
	for (size_t i = 0; i < column->child_count; i++) {
		struct text name = column->type->fields[i].name;
		struct json_column *child = &column->children[i];
		json_column_init(arena, child, column->type->fields[i].type);
		child->name = (struct text){folded(arena, name), name.length};
		column->slots[slot_of(column, child->name)] = (uint32_t)i + 1;
	}
}

/* The arm that takes a kind of value, in the order in which they lose least; a
 * text arm takes anything. */
static int8_t arm_for(const struct type *choice, enum json_kind kind)
{
	static const enum type_kind wanted[JSON_KINDS_][6] = {
		[JSON_BOOLEAN] = {TYPE_BOOLEAN, TYPE_STRING},
		[JSON_INT] = {TYPE_INT, TYPE_LONG53, TYPE_BIGINT, TYPE_DOUBLE, TYPE_DECIMAL,
			TYPE_STRING},
		[JSON_LONG53] = {TYPE_LONG53, TYPE_BIGINT, TYPE_DOUBLE, TYPE_DECIMAL, TYPE_STRING},
		[JSON_BIGINT] = {TYPE_BIGINT, TYPE_DECIMAL, TYPE_DOUBLE, TYPE_STRING},
		[JSON_DECIMAL] = {TYPE_DECIMAL, TYPE_DOUBLE, TYPE_STRING},
		[JSON_DOUBLE] = {TYPE_DOUBLE, TYPE_FLOAT, TYPE_DECIMAL, TYPE_STRING},
		[JSON_STRING] = {TYPE_STRING, TYPE_VARCHAR, TYPE_CHAR, TYPE_TIMESTAMP, TYPE_DATE},
		[JSON_LIST] = {TYPE_ARRAY, TYPE_STRING},
		[JSON_OBJECT] = {TYPE_STRUCT, TYPE_MAP, TYPE_STRING},
	};
	for (size_t i = 0; i < 6 && wanted[kind][i] != TYPE_NULL; i++) {
		for (size_t arm = 0; arm < choice->count; arm++) {
			if (choice->arms[arm]->kind == wanted[kind][i])
				return (int8_t)arm;
		}
	}
	return -1;
}

void json_column_init(struct arena *arena, struct json_column *column, const struct type *type)
{
	column->type = type;
	column->vector = SIZE_MAX;
	column->child_count = type->kind == TYPE_STRUCT ? type->count
			      : type->kind == TYPE_MAP	? 2
							: type->kind == TYPE_ARRAY;
	column->children = arena_array(arena, column->child_count + 1, sizeof *column->children);
	if (type->kind == TYPE_STRUCT)
		init_fields(arena, column);
	if (type->kind == TYPE_ARRAY)
		json_column_init(arena, &column->children[0], type->element);
	if (type->kind == TYPE_MAP) {
		json_column_init(arena, &column->children[0], type->key);
		json_column_init(arena, &column->children[1], type->element);
	}
	for (int kind = 0; kind < JSON_KINDS_; kind++)
		column->arms[kind] =
			type->kind == TYPE_CHOICE ? arm_for(type, (enum json_kind)kind) : -1;
}

/* The next record will most likely write the key this way. */
static void remember(struct arena *arena, struct json_column *column, struct text raw)
{
	if (raw.length == 0)
		return;
	if (!column->key_bytes)
		column->key_bytes = arena_alloc(arena, JSON_KEY_BYTES);
	memcpy(column->key_bytes, raw.at, raw.length);
	column->key = json_key_of((struct text){column->key_bytes, raw.length});
}

char *json_column_find(struct arena *arena, struct json_column *column, char *at, size_t *next,
	struct json_column **child_out, struct json_fault *fault)
{
	if (*at != '"')
		return json_fail(fault, at, "a key is missing");
	struct json_string key;
	char *value = json_string(at, &key, fault);
	if (!value)
		return NULL;
	char bytes[LIMIT_NAME_BYTES + 1];
	struct text name;
	if (!json_key_fold(&key, bytes, &name))
		return json_fail(fault, at, "a key is longer than 255 bytes");
	value = json_key_colon(value, fault);
	if (!value)
		return NULL;
	uint32_t index = column->slots[slot_of(column, name)];
	*child_out = index ? &column->children[index - 1] : NULL;
	if (index) {
		*next = index;
		remember(arena, *child_out, json_key_raw(&key, value));
	}
	return value;
}

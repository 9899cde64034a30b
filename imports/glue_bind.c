#include "imports/glue_bind.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "imports/decimal.h"
#include "proto/base64.h"
#include "proto/json.h"
#include "schema/value.h"
#include "tenon/v1/table.pb-c.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { PATH_BYTES = 256 };
static const int64_t second_us = 1000000;
static const int64_t day_us = 86400 * (int64_t)1000000;
/* Past the year 30000 nothing is a time; doubles are exact to here. */
static const double seconds_most = 1e12;

struct binder {
	struct arena *arena;
	struct import_notes *notes;
	struct glue_bound *bound;
};

/* A message that is being filled; on the stack. */
struct step {
	struct binder *binder;
	const struct step *above;
	const struct glue_shape *shape;
	const char *member; /* of the message above that it is */
	size_t index; /* in its list; SIZE_MAX: not in one */
	ProtobufCMessage *message;
};

static void *at(const struct step *step, unsigned offset)
{
	return (char *)step->message + offset;
}

/* The rows name fields that there are. */
static const ProtobufCFieldDescriptor *field_of(const struct step *step, const char *name)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field_by_name(step->message->descriptor, name);
	assert(field && "a row of glue_shape.c names a field");
	return field;
}

/* "Table.StorageDescriptor.Columns[3]"; without places when it names a kind. */
static size_t path_add(const struct step *step, bool places, char *path, size_t used)
{
	if (step->above)
		used = path_add(step->above, places, path, used);
	int added = snprintf(path + used, PATH_BYTES - used, "%s%s", used ? "." : "",
		step->above ? step->member : step->shape->name);
	used += added > 0 && used + (size_t)added < PATH_BYTES ? (size_t)added : 0;
	if (!places || step->index == SIZE_MAX)
		return used;
	added = snprintf(path + used, PATH_BYTES - used, "[%zu]", step->index);
	return used + (added > 0 && used + (size_t)added < PATH_BYTES ? (size_t)added : 0);
}

static const char *kind_of(const struct node *node)
{
	static const char *const names[] = {
		[NODE_NULL] = "null",
		[NODE_BOOLEAN] = "a boolean",
		[NODE_WHOLE] = "a number",
		[NODE_REAL] = "a number",
		[NODE_TEXT] = "a text",
		[NODE_PLAIN] = "a text",
		[NODE_LIST] = "a list",
		[NODE_OBJECT] = "an object",
	};
	return names[node->kind];
}

static enum status wrong(
	const struct step *step, const struct node *node, const char *what, struct error *err)
{
	char path[PATH_BYTES] = "";
	(void)path_add(step, true, path, 0);
	return fail(err, STATUS_INVALID_ARGUMENT, "%s.%.*s: expected %s, got %s", path,
		TEXT_ARG(text_until(node->key, 80)), what, kind_of(node));
}

static void note(
	const struct step *step, const struct node *node, enum import_fate fate, const char *how)
{
	char path[PATH_BYTES] = "";
	char what[PATH_BYTES + 100];
	(void)path_add(step, false, path, 0);
	(void)snprintf(what, sizeof what, "%s.%.*s", path, TEXT_ARG(text_until(node->key, 80)));
	import_note(step->binder->notes, fate, what, how);
}

static bool is_plain(const struct node *node)
{
	return node->kind != NODE_LIST && node->kind != NODE_OBJECT && node->kind != NODE_NULL;
}

/* A plain value as it is, anything else as JSON. */
static char *node_text(struct arena *arena, const struct node *node)
{
	if (node->kind == NODE_TEXT)
		return arena_text(arena, node->text);
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_RECORD_BYTES);
	json_add_node(&out, node);
	return arena_text(arena, buffer_text(&out));
}

/* ---- parameters ---- */

static void map_add(
	const struct step *step, const ProtobufCFieldDescriptor *field, char *key, char *value)
{
	const ProtobufCMessageDescriptor *shape = field->descriptor;
	size_t *count = at(step, field->quantifier_offset);
	ProtobufCMessage ***entries = at(step, field->offset);
	ProtobufCMessage *entry = arena_alloc(step->binder->arena, shape->sizeof_message);
	protobuf_c_message_init(shape, entry);
	*(char **)((char *)entry + shape->fields[0].offset) = key;
	*(char **)((char *)entry + shape->fields[1].offset) = value;
	/* Room for a power of two: the entries come one by one. */
	if ((*count & (*count - 1)) == 0)
		*entries = arena_grow(step->binder->arena, *entries, *count,
			*count ? *count * 2 : 1, sizeof **entries);
	(*entries)[(*count)++] = entry;
}

static const ProtobufCFieldDescriptor *parameters_of(const struct step *step)
{
	const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(
		step->message->descriptor, "parameters");
	return field && field_is_map(field) ? field : NULL;
}

/* As parameter `key` of the nearest message that has any; "glue." and the path from
 * there when NULL. */
static void keep(const struct step *step, const struct node *node, const char *key, char *value)
{
	struct arena *arena = step->binder->arena;
	char *path = arena_text(arena, node->key);
	const struct step *keeper = step;
	const ProtobufCFieldDescriptor *parameters = parameters_of(step);
	while (keeper && !parameters) {
		path = arena_printf(arena, "%s.%s", keeper->member ? keeper->member : "", path);
		keeper = keeper->above;
		parameters = keeper ? parameters_of(keeper) : NULL;
	}
	char *name = key ? arena_text(arena, text_of(key)) : arena_printf(arena, "glue.%s", path);
	if (!keeper || !parameters || strlen(name) > LIMIT_PARAMETER_KEY_BYTES ||
		strlen(value) > LIMIT_PARAMETER_VALUE_BYTES) {
		note(step, node, IMPORT_LEFT_OUT, keeper ? "too long for a parameter" : "");
		return;
	}
	map_add(keeper, parameters, name, value);
	note(step, node, IMPORT_KEPT, arena_printf(arena, "as parameter '%s'", name));
}

/* ---- times ---- */

static bool read_time(const struct node *node, int64_t *time_us_out)
{
	double seconds = node->kind == NODE_WHOLE ? (double)node->whole : node->real;
	if (node->kind == NODE_TEXT)
		return value_timestamp(node->text, time_us_out);
	if (node->kind != NODE_WHOLE && node->kind != NODE_REAL)
		return false;
	if (!(fabs(seconds) < seconds_most))
		return false;
	*time_us_out = node->kind == NODE_WHOLE ? node->whole * second_us
						: (int64_t)llround(seconds * 1e6);
	return true;
}

static void keep_time(const struct step *step, const struct node *node, const char *key)
{
	char text[CLOCK_TEXT_BYTES];
	int64_t time;
	if (read_time(node, &time))
		keep(step, node, key,
			arena_text(step->binder->arena, text_of(clock_text(time, text))));
	else
		note(step, node, IMPORT_LEFT_OUT, "not a time");
}

static void set_time(
	const struct step *step, const struct node *node, const ProtobufCFieldDescriptor *field)
{
	int64_t time;
	if (!read_time(node, &time))
		note(step, node, IMPORT_LEFT_OUT, "not a time");
	else
		*(int64_t *)at(step, field->offset) = time;
}

static void set_has_range(const struct step *step)
{
	const ProtobufCFieldDescriptor *field = field_of(step, "has_range");
	*(protobuf_c_boolean *)at(step, field->offset) = true;
}

static void set_days(
	const struct step *step, const struct node *node, const ProtobufCFieldDescriptor *field)
{
	int64_t time;
	if (!read_time(node, &time)) {
		note(step, node, IMPORT_LEFT_OUT, "not a time");
		return;
	}
	*(int64_t *)at(step, field->offset) = time / day_us - (time % day_us < 0);
	set_has_range(step);
}

/* ---- one value ---- */

static enum status bind(const struct step *step, const struct node *node, struct error *err);

static enum status read_whole(const struct step *step, const struct node *node, int64_t least,
	int64_t most, int64_t *value_out, struct error *err)
{
	int64_t value = node->whole;
	bool whole = node->kind == NODE_WHOLE;
	if (node->kind == NODE_TEXT)
		whole = node->text.length && text_int64(node->text, &value) == node->text.length;
	/* 3.0 is what some printers make of 3. */
	if (node->kind == NODE_REAL && fabs(node->real) < 9e15 && node->real == floor(node->real)) {
		whole = true;
		value = (int64_t)node->real;
	}
	if (!whole || value < least || value > most)
		return wrong(
			step, node, least < 0 ? "a whole number" : "a whole number from 0", err);
	*value_out = value;
	return STATUS_OK;
}

static enum status read_real(
	const struct step *step, const struct node *node, double *value_out, struct error *err)
{
	if (node->kind == NODE_WHOLE)
		*value_out = (double)node->whole;
	else if (node->kind == NODE_REAL)
		*value_out = node->real;
	else if (node->kind != NODE_TEXT || !node->text.length ||
		 text_double(node->text, value_out) != node->text.length)
		return wrong(step, node, "a number", err);
	return STATUS_OK;
}

static enum status read_boolean(const struct step *step, const struct node *node,
	protobuf_c_boolean *value_out, struct error *err)
{
	bool yes = node->kind == NODE_BOOLEAN && node->boolean;
	if (node->kind == NODE_TEXT)
		yes = text_equal_folded(node->text, TEXT("true"));
	if (node->kind != NODE_BOOLEAN && !yes &&
		!(node->kind == NODE_TEXT && text_equal_folded(node->text, TEXT("false"))))
		return wrong(step, node, "true or false", err);
	*value_out = yes;
	return STATUS_OK;
}

static void read_enum(const struct step *step, const struct node *node,
	const ProtobufCEnumDescriptor *type, int32_t *value_out)
{
	for (unsigned i = 0; i < type->n_values; i++) {
		if (text_equal_folded(
			    node->text, text_of(enum_short_name(type, &type->values[i])))) {
			*value_out = type->values[i].value;
			return;
		}
	}
	note(step, node, IMPORT_LEFT_OUT, "an unknown word");
}

static enum status read_message(const struct step *step, const struct node *node,
	const struct glue_row *row, size_t index, ProtobufCMessage **message_out, struct error *err)
{
	if (node->kind != NODE_OBJECT)
		return wrong(step, node, "an object", err);
	ProtobufCMessage *message =
		arena_alloc(step->binder->arena, row->shape->type->sizeof_message);
	protobuf_c_message_init(row->shape->type, message);
	struct step below = {step->binder, step, row->shape, row->member, index, message};
	TRY(bind(&below, node, err));
	*message_out = message;
	return STATUS_OK;
}

/* Into `to`, which is of the field's type. */
static enum status read_value(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, const struct glue_row *row, size_t index, void *to,
	struct error *err)
{
	int64_t whole = 0;
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		if (!is_plain(node))
			return wrong(step, node, "a text", err);
		*(char **)to = node_text(step->binder->arena, node);
		return STATUS_OK;
	case PROTOBUF_C_TYPE_BOOL:
		return read_boolean(step, node, to, err);
	case PROTOBUF_C_TYPE_INT32:
		TRY(read_whole(step, node, INT32_MIN, INT32_MAX, &whole, err));
		*(int32_t *)to = (int32_t)whole;
		return STATUS_OK;
	case PROTOBUF_C_TYPE_UINT32:
		TRY(read_whole(step, node, 0, UINT32_MAX, &whole, err));
		*(uint32_t *)to = (uint32_t)whole;
		return STATUS_OK;
	case PROTOBUF_C_TYPE_INT64:
		return read_whole(step, node, INT64_MIN, INT64_MAX, to, err);
	case PROTOBUF_C_TYPE_UINT64:
		TRY(read_whole(step, node, 0, INT64_MAX, &whole, err));
		*(uint64_t *)to = (uint64_t)whole;
		return STATUS_OK;
	case PROTOBUF_C_TYPE_DOUBLE:
		return read_real(step, node, to, err);
	case PROTOBUF_C_TYPE_ENUM:
		read_enum(step, node, field->descriptor, to);
		return STATUS_OK;
	case PROTOBUF_C_TYPE_MESSAGE:
		return read_message(step, node, row, index, to, err);
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_BYTES:
		break;
	}
	return fail(err, STATUS_INTERNAL, "no Glue member is read into field '%s'", field->name);
}

static enum status read_map(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, struct error *err)
{
	if (node->kind != NODE_OBJECT)
		return wrong(step, node, "an object", err);
	for (size_t i = 0; i < node->count; i++) {
		struct arena *arena = step->binder->arena;
		const struct node *item = &node->items[i];
		if (item->kind != NODE_NULL)
			map_add(step, field, arena_text(arena, item->key), node_text(arena, item));
	}
	return STATUS_OK;
}

static enum status read_list(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, const struct glue_row *row, struct error *err)
{
	if (node->kind != NODE_LIST)
		return wrong(step, node, "a list", err);
	void **items = arena_array(step->binder->arena, node->count, sizeof *items);
	for (size_t i = 0; i < node->count; i++) {
		/* An element has no key: errors name the list's. */
		struct node element = node->items[i];
		element.key = node->key;
		TRY(read_value(step, &element, field, row, i, &items[i], err));
	}
	*(size_t *)at(step, field->quantifier_offset) = node->count;
	*(void ***)at(step, field->offset) = items;
	return STATUS_OK;
}

static enum status set_field(const struct step *step, const struct node *node,
	const struct glue_row *row, struct error *err)
{
	const ProtobufCFieldDescriptor *field = field_of(step, row->field);
	if (field_is_map(field))
		return read_map(step, node, field, err);
	if (field->label == PROTOBUF_C_LABEL_REPEATED)
		return read_list(step, node, field, row, err);
	if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		*(uint32_t *)at(step, field->quantifier_offset) = field->id;
	return read_value(step, node, field, row, SIZE_MAX, at(step, field->offset), err);
}

/* ---- what is written otherwise ---- */

static enum status set_decimal(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, struct error *err)
{
	const struct node *unscaled = NULL;
	const struct node *scale = NULL;
	uint8_t *bytes = NULL;
	size_t length = 0;
	char *text = NULL;
	for (size_t i = 0; i < node->count; i++) {
		if (text_equal(node->items[i].key, TEXT("UnscaledValue")))
			unscaled = &node->items[i];
		if (text_equal(node->items[i].key, TEXT("Scale")))
			scale = &node->items[i];
	}
	if (!unscaled || unscaled->kind != NODE_TEXT || !scale || scale->kind != NODE_WHOLE ||
		!base64_read(unscaled->text, step->binder->arena, &bytes, &length) ||
		!decimal_text(step->binder->arena, bytes, length, scale->whole, &text))
		return wrong(step, node, "an object of UnscaledValue and Scale", err);
	*(char **)at(step, field->offset) = text;
	return STATUS_OK;
}

/* arn:aws:glue:REGION:ACCOUNT:schema/REGISTRY/SCHEMA */
static void read_arn(const struct step *step, const struct node *node)
{
	static const char mark[] = ":schema/";
	Tenon__V1__SchemaReference *reference = (Tenon__V1__SchemaReference *)step->message;
	struct text rest = node->text;
	for (size_t i = 0; i + sizeof mark < rest.length; i++) {
		if (!text_starts(text_from(rest, i), text_of(mark)))
			continue;
		rest = text_from(rest, i + sizeof mark - 1);
		size_t slash = text_find(rest, '/');
		if (slash == 0 || slash + 1 >= rest.length)
			break;
		reference->registry = arena_text(step->binder->arena, text_until(rest, slash));
		reference->schema = arena_text(step->binder->arena, text_from(rest, slash + 1));
		note(step, node, IMPORT_CHANGED, "registry and schema by name");
		return;
	}
	keep(step, node, NULL, node_text(step->binder->arena, node));
}

static enum status set_order(const struct step *step, const struct node *node,
	const ProtobufCFieldDescriptor *field, struct error *err)
{
	int64_t ascending = 1;
	TRY(read_whole(step, node, 0, 1, &ascending, err));
	*(protobuf_c_boolean *)at(step, field->offset) = !ascending;
	return STATUS_OK;
}

static enum status set_place(const struct step *step, const struct node *node, struct error *err)
{
	if (node->kind != NODE_TEXT)
		return wrong(step, node, "a text", err);
	char *text = arena_text(step->binder->arena, node->text);
	if (text_equal(node->key, TEXT("DatabaseName")))
		step->binder->bound->database = text;
	else
		step->binder->bound->table = text;
	return STATUS_OK;
}

static enum status bind_same(const struct step *step, const struct node *node,
	const struct glue_row *row, struct error *err)
{
	if (node->kind != NODE_OBJECT)
		return wrong(step, node, "an object", err);
	struct step same = {step->binder, step, row->shape, row->member, SIZE_MAX, step->message};
	return bind(&same, node, err);
}

static enum status bind_member(const struct step *step, const struct node *node,
	const struct glue_row *row, struct error *err)
{
	switch (row->how) {
	case GLUE_FIELD:
		return set_field(step, node, row, err);
	case GLUE_TIME:
		set_time(step, node, field_of(step, row->field));
		return STATUS_OK;
	case GLUE_DAYS:
		set_days(step, node, field_of(step, row->field));
		return STATUS_OK;
	case GLUE_ORDER:
		return set_order(step, node, field_of(step, row->field), err);
	case GLUE_RANGE:
		set_has_range(step);
		return set_field(step, node, row, err);
	case GLUE_DECIMAL:
		return set_decimal(step, node, field_of(step, row->field), err);
	case GLUE_SAME:
		return bind_same(step, node, row, err);
	case GLUE_ABOVE:
		assert(step->above && "only what is inside of something has something above");
		return set_field(step->above, node, row, err);
	case GLUE_ARN:
		read_arn(step, node);
		return STATUS_OK;
	case GLUE_PLACE:
		return set_place(step, node, err);
	case GLUE_KEEP_TIME:
		keep_time(step, node, row->field);
		return STATUS_OK;
	case GLUE_LEAVE:
		note(step, node, IMPORT_LEFT_OUT, "");
		return STATUS_OK;
	case GLUE_REPEATS:
		return STATUS_OK;
	}
	return STATUS_OK;
}

static enum status bind(const struct step *step, const struct node *node, struct error *err)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct node *item = &node->items[i];
		const struct glue_row *row = step->shape->rows;
		while (row->member && !text_equal(item->key, text_of(row->member)))
			row++;
		if (item->kind == NODE_NULL)
			continue;
		if (row->member)
			TRY(bind_member(step, item, row, err));
		else
			keep(step, item, NULL, node_text(step->binder->arena, item));
	}
	return STATUS_OK;
}

enum status glue_bind(const struct glue_shape *shape, const struct node *node, struct arena *arena,
	struct import_notes *notes, struct glue_bound *bound, struct error *err)
{
	struct binder binder = {arena, notes, bound};
	if (node->kind != NODE_OBJECT)
		return fail(
			err, STATUS_INVALID_ARGUMENT, "expected an object, got %s", kind_of(node));
	struct step top = {&binder, NULL, shape, NULL, SIZE_MAX, NULL};
	top.message = arena_alloc(arena, shape->type->sizeof_message);
	protobuf_c_message_init(shape->type, top.message);
	TRY(bind(&top, node, err));
	bound->message = top.message;
	return STATUS_OK;
}

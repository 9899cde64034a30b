#include "registry/json_reads.h"

static bool (*const rows[])(const struct check *check) = {
	json_check_type,
	json_check_listed,
	json_check_limits,
	json_check_texts,
	json_check_items,
	json_check_required,
	json_check_properties,
	json_check_all_of,
	json_check_any_of,
	json_check_one_of,
	json_check_not,
	json_check_whole,
};

/* The writer's side */

static void part_add(
	const struct json_schema *in, const struct document *schema, struct written *written)
{
	static const char *const lists[] = {"anyOf", "oneOf"};
	const struct document *all = document_member(schema, TEXT("allOf"));
	if (written->count == PARTS_MAX) {
		written->partial = true;
		return;
	}
	written->parts[written->count++] = schema;
	for (size_t i = 0; i < 2; i++) {
		const struct document *list = document_member(schema, text_of(lists[i]));
		if (list && written->case_count == CASES_MAX)
			written->partial = true;
		else if (list)
			written->cases[written->case_count++] = list;
	}
	for (size_t i = 0; all && i < all->count && !written->partial; i++)
		json_take_apart(in, &all->items[i], written);
}

void json_take_apart(
	const struct json_schema *in, const struct document *schema, struct written *written)
{
	const struct document *target = json_ref(in, schema);
	written->types &= json_types(in, schema);
	while (target && json_ref_is_alone(in)) {
		schema = target;
		target = json_ref(in, schema);
	}
	if (schema->kind != DOCUMENT_OBJECT)
		return;
	part_add(in, schema, written);
	if (target)
		json_take_apart(in, target, written);
}

/* The list of values that are all there are, or NULL: of an enum; or *only_out, a const. */
static const struct document *values_of(
	const struct written *written, const struct document **only_out)
{
	*only_out = NULL;
	for (size_t i = 0; i < written->count; i++) {
		const struct document *list = document_member(written->parts[i], TEXT("enum"));
		*only_out = document_member(written->parts[i], TEXT("const"));
		if (*only_out || list)
			return list;
	}
	return NULL;
}

/* Each of the few values there are is valid. */
static bool values_fit(const struct document *reader, const struct written *written)
{
	const struct document *only;
	const struct document *list = values_of(written, &only);
	if (only)
		return json_value_fits(reader, only);
	for (size_t i = 0; list && i < list->count; i++) {
		const struct document *value = &list->items[i];
		if ((written->types & json_value_type(value)) && !json_value_fits(reader, value))
			return false;
	}
	return list != NULL;
}

/* The reader's side */

static bool rows_hold(const struct check *check)
{
	bool all = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows && (all || check->reading->telling); i++)
		all &= rows[i](check);
	return all;
}

/* Each alternative of the writer's last case in turn. */
static bool cases_hold(const struct check *check)
{
	const struct written *written = check->written;
	const struct document *list = written->cases[written->case_count - 1];
	bool all = true;
	for (size_t i = 0; i < list->count && (all || check->reading->telling); i++) {
		struct written one = *written;
		one.case_count--;
		json_take_apart(json_sides(check)->writer, &list->items[i], &one);
		all &= json_covers(check, check->schema, &one);
	}
	return all;
}

static bool schema_covers(const struct check *check)
{
	struct reading *reading = check->reading;
	if (check->schema->kind != DOCUMENT_OBJECT)
		return check->schema->kind == DOCUMENT_TRUE ||
		       json_tell(check, "narrowed", check->schema, NULL,
			       "the reader allows no value here");
	if (values_fit(check->schema, check->written))
		return true;
	if (check->written->case_count == 0)
		return rows_hold(check);
	bool telling = reading_quietly(reading);
	bool holds = rows_hold(check) || cases_hold(check);
	reading->telling = telling;
	return holds || (telling && cases_hold(check));
}

bool json_covers(
	const struct check *outer, const struct document *reader, const struct written *written)
{
	struct check check = *outer;
	const struct json_schema *in = json_sides(outer)->reader;
	const struct document *target = json_ref(in, reader);
	check.schema = reader;
	check.written = written;
	if (!reading_step(check.reading))
		return false;
	if (written->types == 0) /* nothing is written */
		return true;
	check.reading->depth++;
	bool covers = !target || json_covers(&check, target, written);
	if (!target || (covers && !json_ref_is_alone(in)))
		covers = schema_covers(&check);
	check.reading->depth--;
	return covers;
}

bool json_covers_quietly(
	const struct check *check, const struct document *reader, const struct written *written)
{
	bool telling = reading_quietly(check->reading);
	bool covers = json_covers(check, reader, written);
	check->reading->telling = telling;
	return covers;
}

static bool look(struct reading *reading, const struct pair *pair, const struct place *place)
{
	const struct sides *sides = reading->context;
	struct written written = {.types = JSON_TYPE_ALL};
	struct check check = {.place = place, .reading = reading};
	json_take_apart(sides->writer, pair->writer, &written);
	return json_covers(&check, pair->reader, &written);
}

bool json_reads_inner(const struct check *check, const struct place *place,
	const struct document *reader, const struct document *writer)
{
	struct pair pair = {reader, writer, reader->index, writer->index, 1, look};
	return reading_ask(check->reading, &pair, place);
}

/* Meaning the same */

static bool look_same(struct reading *reading, const struct pair *pair, const struct place *place);

static bool targets_same(
	struct reading *reading, const struct document *reader, const struct document *writer)
{
	const struct sides *sides = reading->context;
	const struct document *left = json_ref(sides->reader, reader);
	const struct document *right = json_ref(sides->writer, writer);
	if (!left && !right)
		return true;
	if (!left || !right)
		return false;
	struct pair pair = {left, right, left->index, right->index, 0, look_same};
	return reading_ask(reading, &pair, NULL);
}

static bool same(
	struct reading *reading, const struct document *reader, const struct document *writer)
{
	bool object = reader->kind == DOCUMENT_OBJECT;
	if (!reading_step(reading) || reader->kind != writer->kind ||
		reader->count != writer->count)
		return false;
	if (reader->count == 0)
		return document_equal(reader, writer);
	for (size_t i = 0; i < reader->count; i++) {
		const struct document *left = object ? reader->by_key[i] : &reader->items[i];
		const struct document *right = object ? writer->by_key[i] : &writer->items[i];
		if ((object && !text_equal(left->key, right->key)) || !same(reading, left, right))
			return false;
	}
	return !object || targets_same(reading, reader, writer);
}

static bool look_same(struct reading *reading, const struct pair *pair, const struct place *place)
{
	(void)place;
	return same(reading, pair->reader, pair->writer);
}

bool json_same(
	const struct check *check, const struct document *reader, const struct document *writer)
{
	bool telling = reading_quietly(check->reading);
	bool equal = same(check->reading, reader, writer);
	check->reading->telling = telling;
	return equal;
}

/* Telling */

static const char *said(struct arena *arena, const struct document *value)
{
	if (!value)
		return NULL;
	if (value->key.length == 0)
		return document_brief(arena, value);
	return arena_printf(arena, "%.*s %s", TEXT_ARG(text_until(value->key, 60)),
		document_brief(arena, value));
}

bool json_tell(const struct check *check, const char *kind, const struct document *reader,
	const struct document *writer, const char *reason)
{
	struct arena *arena = check->reading->arena;
	if (!check->reading->telling)
		return false;
	return reading_tell(check->reading, check->place, kind, said(arena, reader),
		said(arena, writer), reason);
}

bool json_schema_reads(struct reading *reading, const void *reader, const void *writer)
{
	const struct json_schema *left = reader;
	const struct json_schema *right = writer;
	struct sides sides = {left, right};
	struct check check = {.reading = reading};
	reading->context = &sides;
	bool reads = (left->draft == right->draft && json_same(&check, left->root, right->root)) ||
		     json_reads_inner(&check, NULL, left->root, right->root);
	reading->context = NULL;
	return reads;
}

#include "schema/diff.h"

#include "schema/join.h"

static const char *const change_names[] = {
	[CHANGE_ADDED] = "added",
	[CHANGE_REMOVED] = "removed",
	[CHANGE_WIDENED] = "widened",
	[CHANGE_NARROWED] = "narrowed",
	[CHANGE_RETYPED] = "retyped",
	[CHANGE_CASE] = "case",
	[CHANGE_MOVED] = "moved",
};
static const char *const severity_names[] = {
	[SEVERITY_SAFE] = "safe",
	[SEVERITY_WIDENING] = "widening",
	[SEVERITY_BREAKING] = "breaking",
};

/* A new column is null in old data; a moved one is still found by its name. */
static const enum severity severities[] = {
	[CHANGE_ADDED] = SEVERITY_SAFE,
	[CHANGE_REMOVED] = SEVERITY_BREAKING,
	[CHANGE_WIDENED] = SEVERITY_WIDENING,
	[CHANGE_NARROWED] = SEVERITY_BREAKING,
	[CHANGE_RETYPED] = SEVERITY_BREAKING,
	[CHANGE_CASE] = SEVERITY_SAFE,
	[CHANGE_MOVED] = SEVERITY_SAFE,
};

const char *change_name(enum change_kind kind)
{
	return change_names[kind];
}

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

enum severity severity_named(const char *name)
{
	for (int i = SEVERITY_WIDENING; i <= SEVERITY_BREAKING; i++) {
		if (strcmp(severity_names[i], name) == 0)
			return (enum severity)i;
	}
	return SEVERITY_SAFE;
}

enum severity changes_severity(const struct changes *changes)
{
	enum severity worst = SEVERITY_SAFE;
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->at[i].severity > worst)
			worst = changes->at[i].severity;
	}
	return worst;
}

/* One walk through two schemas. */
struct walk {
	struct arena *arena;
	struct changes *changes;
	size_t capacity;
	bool is_key;
};

static void report(struct walk *walk, enum change_kind kind, struct text path,
	const struct type *before, const struct type *after)
{
	struct changes *changes = walk->changes;
	if (changes->count == walk->capacity) {
		size_t grown = walk->capacity ? walk->capacity * 2 : 8;
		changes->at = arena_grow(
			walk->arena, changes->at, walk->capacity, grown, sizeof *changes->at);
		walk->capacity = grown;
	}
	enum severity severity = severities[kind];
	/* Keys address partitions: another set or order of them is another address. */
	if (walk->is_key && (kind == CHANGE_ADDED || kind == CHANGE_MOVED))
		severity = SEVERITY_BREAKING;
	changes->at[changes->count++] = (struct change){
		.kind = kind,
		.severity = severity,
		.path = arena_copy(walk->arena, path),
		.before = before,
		.after = after,
		.is_key = walk->is_key,
	};
}

static struct text path_join(struct walk *walk, struct text path, struct text name)
{
	if (path.length == 0)
		return name;
	return text_of(arena_printf(walk->arena, "%.*s.%.*s", TEXT_ARG(path), TEXT_ARG(name)));
}

/* bigint53 is written bigint: no difference that anybody can see. */
static const struct type *visible(const struct type *type)
{
	return type->kind == TYPE_LONG53 ? type_simple(TYPE_BIGINT) : type;
}

/* Most often both have one order. */
static const struct field *field_near(const struct type *type, struct text name, size_t likely)
{
	if (likely < type->count && text_equal_folded(type->fields[likely].name, name))
		return &type->fields[likely];
	return type_field(type, name);
}

static void diff_type(
	struct walk *walk, struct text path, const struct type *before, const struct type *after);

static void diff_fields(
	struct walk *walk, struct text path, const struct type *before, const struct type *after)
{
	for (size_t i = 0; i < after->count; i++) {
		const struct field *field = &after->fields[i];
		const struct field *old = field_near(before, field->name, i);
		struct text name = path_join(walk, path, field->name);
		if (!old) {
			report(walk, CHANGE_ADDED, name, NULL, field->type);
			continue;
		}
		if (!text_equal(old->name, field->name))
			report(walk, CHANGE_CASE, name, old->type, field->type);
		diff_type(walk, name, old->type, field->type);
	}
}

static void diff_type(
	struct walk *walk, struct text path, const struct type *before, const struct type *after)
{
	if (before->kind == TYPE_STRUCT && after->kind == TYPE_STRUCT) {
		diff_fields(walk, path, before, after);
	} else if (before->kind == TYPE_ARRAY && after->kind == TYPE_ARRAY) {
		diff_type(walk, path_join(walk, path, TEXT("element")), before->element,
			after->element);
	} else if (before->kind == TYPE_MAP && after->kind == TYPE_MAP) {
		diff_type(walk, path_join(walk, path, TEXT("key")), before->key, after->key);
		diff_type(walk, path_join(walk, path, TEXT("value")), before->element,
			after->element);
	} else if (!type_equal(visible(before), visible(after))) {
		enum change_kind kind = type_widens(before, after)   ? CHANGE_WIDENED
					: type_widens(after, before) ? CHANGE_NARROWED
								     : CHANGE_RETYPED;
		report(walk, kind, path, before, after);
	}
}

/* What `before` has and `after` lacks, at every depth. */
static void diff_removed(
	struct walk *walk, struct text path, const struct type *before, const struct type *after)
{
	if (before->kind != after->kind)
		return;
	if (before->kind == TYPE_ARRAY || before->kind == TYPE_MAP)
		diff_removed(walk,
			path_join(walk, path,
				before->kind == TYPE_MAP ? TEXT("value") : TEXT("element")),
			before->element, after->element);
	if (before->kind != TYPE_STRUCT)
		return;
	for (size_t i = 0; i < before->count; i++) {
		const struct field *field = &before->fields[i];
		const struct field *still = field_near(after, field->name, i);
		struct text name = path_join(walk, path, field->name);
		if (!still)
			report(walk, CHANGE_REMOVED, name, field->type, NULL);
		else
			diff_removed(walk, name, field->type, still->type);
	}
}

/* Fields of both that no longer follow each other as they did: each one that
 * stands before a field it used to follow. */
static void diff_moved(struct walk *walk, const struct type *before, const struct type *after)
{
	size_t furthest = 0;
	for (size_t i = 0; i < after->count; i++) {
		const struct field *old = field_near(before, after->fields[i].name, i);
		if (!old)
			continue;
		size_t stood = (size_t)(old - before->fields);
		if (stood < furthest)
			report(walk, CHANGE_MOVED, after->fields[i].name, old->type,
				after->fields[i].type);
		else
			furthest = stood;
	}
}

static const struct type *row_of(struct arena *arena, const struct column *columns, size_t count)
{
	return schema_row(arena, &(struct schema){.columns = columns, .column_count = count});
}

void schema_diff(struct arena *arena, const struct schema *before, const struct schema *after,
	struct changes *changes_out)
{
	*changes_out = (struct changes){0};
	struct hash old = schema_fingerprint(before);
	struct hash new = schema_fingerprint(after);
	if (old.low == new.low && old.high == new.high)
		return;
	struct walk walk = {.arena = arena, .changes = changes_out};
	const struct type *columns[] = {row_of(arena, before->columns, before->column_count),
		row_of(arena, after->columns, after->column_count)};
	const struct type *keys[] = {row_of(arena, before->keys, before->key_count),
		row_of(arena, after->keys, after->key_count)};
	struct text top = {0};
	diff_fields(&walk, top, columns[0], columns[1]);
	diff_moved(&walk, columns[0], columns[1]);
	walk.is_key = true;
	diff_fields(&walk, top, keys[0], keys[1]);
	diff_moved(&walk, keys[0], keys[1]);
	walk.is_key = false;
	diff_removed(&walk, top, columns[0], columns[1]);
	walk.is_key = true;
	diff_removed(&walk, top, keys[0], keys[1]);
}

/* The arm of a choice that is of `kind`, or NULL. */
static const struct type *arm_of(const struct type *choice, enum type_kind kind)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (choice->arms[i]->kind == kind)
			return choice->arms[i];
	}
	return NULL;
}

static void reads(
	struct walk *walk, struct text path, const struct type *reader, const struct type *writer);

static void reads_fields(
	struct walk *walk, struct text path, const struct type *reader, const struct type *writer)
{
	for (size_t i = 0; i < reader->count; i++) {
		const struct field *wanted = &reader->fields[i];
		const struct field *written = field_near(writer, wanted->name, i);
		if (written) /* else it reads as null */
			reads(walk, path_join(walk, path, wanted->name), wanted->type,
				written->type);
	}
}

static void reads(
	struct walk *walk, struct text path, const struct type *reader, const struct type *writer)
{
	if (type_widens(writer, reader))
		return;
	reader = visible(reader);
	writer = visible(writer);
	if (writer->kind == TYPE_CHOICE) {
		for (size_t i = 0; i < writer->count; i++)
			reads(walk, path, reader, writer->arms[i]);
		return;
	}
	const struct type *arm = reader->kind == TYPE_CHOICE && !type_is_scalar(writer)
					 ? arm_of(reader, writer->kind)
					 : NULL;
	const struct type *side = arm ? arm : reader;
	if (side->kind == writer->kind && writer->kind == TYPE_STRUCT) {
		reads_fields(walk, path, side, writer);
	} else if (side->kind == writer->kind && writer->kind == TYPE_ARRAY) {
		reads(walk, path_join(walk, path, TEXT("element")), side->element, writer->element);
	} else if (side->kind == writer->kind && writer->kind == TYPE_MAP) {
		reads(walk, path_join(walk, path, TEXT("key")), side->key, writer->key);
		reads(walk, path_join(walk, path, TEXT("value")), side->element, writer->element);
	} else if (!type_widens(writer, reader)) {
		report(walk, type_widens(reader, writer) ? CHANGE_NARROWED : CHANGE_RETYPED, path,
			writer, reader);
	}
}

static void reads_keys(struct walk *walk, const struct schema *reader, const struct schema *writer)
{
	const struct type *wanted = row_of(walk->arena, reader->keys, reader->key_count);
	const struct type *written = row_of(walk->arena, writer->keys, writer->key_count);
	struct text top = {0};
	for (size_t i = 0; i < wanted->count; i++) {
		if (!field_near(written, wanted->fields[i].name, i))
			report(walk, CHANGE_ADDED, wanted->fields[i].name, NULL,
				wanted->fields[i].type);
	}
	diff_moved(walk, written, wanted);
	reads_fields(walk, top, wanted, written);
	diff_removed(walk, top, written, wanted);
}

bool schema_reads(struct arena *arena, const struct schema *reader, const struct schema *writer,
	struct changes *changes_out)
{
	*changes_out = (struct changes){0};
	struct walk walk = {.arena = arena, .changes = changes_out};
	reads_fields(&walk, (struct text){0}, row_of(arena, reader->columns, reader->column_count),
		row_of(arena, writer->columns, writer->column_count));
	walk.is_key = true;
	reads_keys(&walk, reader, writer);
	return changes_out->count == 0;
}

#include "service/places.h"

#include <string.h>

/* Fields by their names: in the message itself, or behind `outer` in one of its own. The
 * first rule whose fields are all there holds, so the narrower ones come first. A
 * message's own name comes before that of a definition in it: it is what will be changed. */
enum about_kind { ABOUT_TABLE, ABOUT_TABLES, ABOUT_DATABASE, ABOUT_RESOURCE, ABOUT_NAMED };

struct about_rule {
	const char *service; /* NULL: any */
	enum about_kind kind;
	const char *outer;
	const char *first;
	const char *second;
	const char *prefix; /* of a resource: "job" */
};

static const struct about_rule rules[] = {
	{"tenon.v1.Catalog", ABOUT_TABLES, NULL, "database", "names", NULL},
	{NULL, ABOUT_TABLE, NULL, "database", "table", NULL},
	{"tenon.v1.Catalog", ABOUT_TABLE, NULL, "database", "name", NULL},
	{"tenon.v1.Catalog", ABOUT_DATABASE, NULL, "name", NULL, NULL},
	{"tenon.v1.Catalog", ABOUT_TABLE, "table", "database", "name", NULL},
	{"tenon.v1.Catalog", ABOUT_DATABASE, "database", "name", NULL, NULL},
	{NULL, ABOUT_DATABASE, NULL, "database", NULL, NULL},
	{"tenon.v1.Functions", ABOUT_DATABASE, "function", "database", NULL, NULL},
	{"tenon.v1.Feed", ABOUT_TABLE, "filter", "database", "table", NULL},
	{"tenon.v1.Tags", ABOUT_RESOURCE, NULL, "resource", NULL, NULL},
	{"tenon.v1.Jobs", ABOUT_NAMED, NULL, "job", NULL, "job"},
	{"tenon.v1.Jobs", ABOUT_NAMED, "job", "name", NULL, "job"},
	{"tenon.v1.Jobs", ABOUT_NAMED, NULL, "name", NULL, "job"},
	{"tenon.v1.Connections", ABOUT_NAMED, NULL, "names", NULL, "connection"},
	{"tenon.v1.Connections", ABOUT_NAMED, "connection", "name", NULL, "connection"},
	{"tenon.v1.Connections", ABOUT_NAMED, NULL, "name", NULL, "connection"},
	{"tenon.v1.Registry", ABOUT_NAMED, NULL, "registry", "schema", "schema"},
	{"tenon.v1.Registry", ABOUT_NAMED, NULL, "registry", "name", "schema"},
	{"tenon.v1.Registry", ABOUT_NAMED, "schema", "registry", "name", "schema"},
	{"tenon.v1.Registry", ABOUT_NAMED, "registry", "name", NULL, "registry"},
	{"tenon.v1.Registry", ABOUT_NAMED, NULL, "registry", NULL, "registry"},
	{"tenon.v1.Registry", ABOUT_NAMED, NULL, "name", NULL, "registry"},
	{"tenon.v1.Registry", ABOUT_NAMED, NULL, "id", NULL, "schema"},
};

/* ---- the rule of a message ---- */

static const ProtobufCFieldDescriptor *field_of(
	const ProtobufCMessageDescriptor *message, const char *name, ProtobufCType type)
{
	const ProtobufCFieldDescriptor *field =
		name ? protobuf_c_message_descriptor_get_field_by_name(message, name) : NULL;
	return field && field->type == type ? field : NULL;
}

static bool resolve(const struct about_rule *rule, const ProtobufCMessageDescriptor *message,
	struct about *about)
{
	*about = (struct about){.rule = rule};
	about->outer = field_of(message, rule->outer, PROTOBUF_C_TYPE_MESSAGE);
	if (rule->outer && !about->outer)
		return false;
	about->id = field_of(message, "id", PROTOBUF_C_TYPE_STRING);
	about->new_first = field_of(message,
		rule->kind == ABOUT_TABLE ? "new_database" : "new_name", PROTOBUF_C_TYPE_STRING);
	about->new_second = rule->kind == ABOUT_TABLE
				    ? field_of(message, "new_name", PROTOBUF_C_TYPE_STRING)
				    : NULL;
	if (about->outer)
		message = about->outer->descriptor;
	about->first = field_of(message, rule->first, PROTOBUF_C_TYPE_STRING);
	about->second = field_of(message, rule->second, PROTOBUF_C_TYPE_STRING);
	return about->first && (!rule->second || about->second);
}

struct about about_of(const char *service, const ProtobufCMessageDescriptor *message)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		struct about about;
		if (rules[i].service && strcmp(rules[i].service, service) != 0)
			continue;
		if (resolve(&rules[i], message, &about))
			return about;
	}
	return (struct about){.rule = NULL};
}

/* ---- one message's ---- */

static struct text folded(struct text name, struct arena *arena)
{
	/* Longer ones are refused later; a pattern may tell them apart by their head. */
	size_t length = name.length < LIMIT_RESOURCE_BYTES ? name.length : LIMIT_RESOURCE_BYTES;
	char *copy = arena_alloc(arena, length + 1);
	for (size_t i = 0; i < length; i++)
		copy[i] = text_lower(name.at[i]);
	return (struct text){copy, length};
}

struct place place_of_database(struct text database, struct arena *arena)
{
	if (database.length == 0)
		return (struct place){.kind = PLACE_ALL};
	return (struct place){.kind = PLACE_DATABASE, .database = folded(database, arena)};
}

struct place place_of_table(struct text database, struct text table, struct arena *arena)
{
	struct place place = place_of_database(database, arena);
	if (place.kind == PLACE_ALL || table.length == 0)
		return place;
	place.kind = PLACE_TABLE;
	place.table = folded(table, arena);
	return place;
}

struct place place_of_resource(struct text resource, struct arena *arena)
{
	struct text kind = text_until(resource, text_find(resource, '/'));
	struct text path = text_from(resource, kind.length + 1);
	struct text database = text_until(path, text_find(path, '/'));
	if (text_equal_folded(kind, TEXT("database")))
		return place_of_database(path, arena);
	if (text_equal_folded(kind, TEXT("table")) || text_equal_folded(kind, TEXT("function")))
		return place_of_table(database, text_from(path, database.length + 1), arena);
	if (path.length == 0)
		return (struct place){.kind = PLACE_ALL};
	return (struct place){.kind = PLACE_RESOURCE,
		.database = arena_copy(arena, text_until(resource, LIMIT_RESOURCE_BYTES))};
}

static struct text pattern_fixed(const char *pattern, bool *begins_out)
{
	struct text text = text_of(pattern);
	*begins_out = text_ends(text, TEXT("*"));
	return text_until(text, text.length - *begins_out);
}

struct place place_of_grant(const Tenon__V1__Grant *grant)
{
	struct place place = {.kind = PLACE_RESOURCE};
	if (grant->resource[0]) {
		place.database = pattern_fixed(grant->resource, &place.database_begins);
		return place;
	}
	place.database = pattern_fixed(grant->database, &place.database_begins);
	place.table = pattern_fixed(grant->table, &place.table_begins);
	bool whole = place.table_begins && place.table.length == 0;
	place.kind = whole ? PLACE_DATABASE : PLACE_TABLE;
	if (whole && place.database_begins && place.database.length == 0)
		place.kind = PLACE_ALL;
	return place;
}

static struct text text_in(const void *message, const ProtobufCFieldDescriptor *field)
{
	const char *base = message;
	if (!field || !message)
		return TEXT("");
	return text_of(*(char *const *)(const void *)(base + field->offset));
}

/* "job/daily", "schema/R/S"; without a name all of the kind. */
static struct place named(
	const char *prefix, struct text first, struct text second, struct arena *arena)
{
	struct place place = {.kind = PLACE_RESOURCE};
	bool has_second = second.length > 0;
	place.database_begins = first.length == 0;
	place.database = text_of(arena_printf(arena, "%s/%.*s%s%.*s", prefix,
		TEXT_ARG(text_until(first, LIMIT_NAME_BYTES)), has_second ? "/" : "",
		TEXT_ARG(text_until(second, LIMIT_NAME_BYTES))));
	return place;
}

struct place place_of_schema(
	struct text registry, struct text schema, bool by_id, struct arena *arena)
{
	if (by_id)
		return named("schema", TEXT(""), TEXT(""), arena);
	if (schema.length == 0)
		return (struct place){.kind = PLACE_ALL};
	return named(
		"schema", registry.length ? registry : TEXT("default-registry"), schema, arena);
}

static struct place registered(
	const struct about *about, const void *message, const void *inner, struct arena *arena)
{
	struct text first = text_in(inner, about->first);
	struct text second = text_in(inner, about->second);
	/* Names beside an id count for nothing. */
	bool by_id = about->id && (about->id == about->first || text_in(message, about->id).length);
	if (about->second || by_id)
		return place_of_schema(first, second, by_id, arena);
	return named(about->rule->prefix, first, second, arena);
}

static struct place one_place(const struct about *about, const void *message, const void *inner,
	struct text first, struct text second, struct arena *arena)
{
	switch (about->rule->kind) {
	case ABOUT_TABLE:
	case ABOUT_TABLES:
		return place_of_table(first, second, arena);
	case ABOUT_DATABASE:
		return place_of_database(first, arena);
	case ABOUT_RESOURCE:
		return place_of_resource(first, arena);
	case ABOUT_NAMED:
		if (about->second || about->id)
			return registered(about, message, inner, arena);
		return named(about->rule->prefix, first, TEXT(""), arena);
	}
	return (struct place){.kind = PLACE_ALL};
}

/* A list of names: a place each, or the whole that they are in when there is none. */
static struct places of_list(const struct about *about, const void *message,
	const ProtobufCFieldDescriptor *list, struct arena *arena)
{
	const char *base = message;
	size_t count = *(const size_t *)(const void *)(base + list->quantifier_offset);
	char *const *names = *(char *const *const *)(const void *)(base + list->offset);
	bool tables = about->rule->kind == ABOUT_TABLES;
	struct text database = tables ? text_in(message, about->first) : TEXT("");
	struct places places = {arena_array(arena, count + 1, sizeof *places.at), count};
	for (size_t i = 0; i < count; i++)
		places.at[i] =
			tables ? place_of_table(database, text_of(names[i]), arena)
			       : named(about->rule->prefix, text_of(names[i]), TEXT(""), arena);
	if (count == 0) {
		places.count = 1;
		places.at[0] = tables ? place_of_database(database, arena)
				      : named(about->rule->prefix, TEXT(""), TEXT(""), arena);
	}
	return places;
}

struct places places_of(const struct about *about, const void *message, struct arena *arena)
{
	struct places places = {arena_array(arena, 2, sizeof *places.at), 1};
	places.at[0] = (struct place){.kind = PLACE_ALL};
	if (!about->rule)
		return places;
	const ProtobufCFieldDescriptor *last = about->second ? about->second : about->first;
	if (last->label == PROTOBUF_C_LABEL_REPEATED)
		return of_list(about, message, last, arena);
	const void *inner = message;
	if (about->outer)
		inner = *(const void *const *)(const void *)((const char *)message +
							     about->outer->offset);
	struct text first = text_in(inner, about->first);
	struct text second = text_in(inner, about->second);
	places.at[0] = one_place(about, message, inner, first, second, arena);
	/* Where it goes is asked for as well. */
	struct text new_first = text_in(message, about->new_first);
	struct text new_second = text_in(message, about->new_second);
	if (new_first.length || new_second.length)
		places.at[places.count++] =
			one_place(about, message, inner, new_first.length ? new_first : first,
				new_second.length ? new_second : second, arena);
	return places;
}

const char *place_name(const struct place *place, struct arena *arena)
{
	const char *star = place->database_begins ? "*" : "";
	switch (place->kind) {
	case PLACE_TABLE:
		return arena_printf(arena, "%.*s%s.%.*s%s", TEXT_ARG(place->database), star,
			TEXT_ARG(place->table), place->table_begins ? "*" : "");
	case PLACE_DATABASE:
	case PLACE_WITHIN:
		return arena_printf(arena, "%.*s%s.*", TEXT_ARG(place->database), star);
	case PLACE_RESOURCE:
		return arena_printf(arena, "%.*s%s", TEXT_ARG(place->database), star);
	case PLACE_ALL:
		return "*";
	}
	return "";
}

#include "base/memory.h"
#include "engine/internal.h"

#include <stdlib.h>
#include <strings.h>

/* Names for SQL, by kind; parameters and parts are added by the printer. */
static const struct {
	const char *name;
	duckdb_type id;
} kinds[TYPE_KINDS_] = {
	[TYPE_NULL] = {"VARCHAR", DUCKDB_TYPE_VARCHAR},
	[TYPE_BOOLEAN] = {"BOOLEAN", DUCKDB_TYPE_BOOLEAN},
	[TYPE_TINYINT] = {"TINYINT", DUCKDB_TYPE_TINYINT},
	[TYPE_SMALLINT] = {"SMALLINT", DUCKDB_TYPE_SMALLINT},
	[TYPE_INT] = {"INTEGER", DUCKDB_TYPE_INTEGER},
	[TYPE_LONG53] = {"BIGINT", DUCKDB_TYPE_BIGINT},
	[TYPE_BIGINT] = {"BIGINT", DUCKDB_TYPE_BIGINT},
	[TYPE_FLOAT] = {"FLOAT", DUCKDB_TYPE_FLOAT},
	[TYPE_DOUBLE] = {"DOUBLE", DUCKDB_TYPE_DOUBLE},
	[TYPE_DECIMAL] = {"DECIMAL", DUCKDB_TYPE_DECIMAL},
	[TYPE_STRING] = {"VARCHAR", DUCKDB_TYPE_VARCHAR},
	[TYPE_CHAR] = {"VARCHAR", DUCKDB_TYPE_VARCHAR},
	[TYPE_VARCHAR] = {"VARCHAR", DUCKDB_TYPE_VARCHAR},
	[TYPE_BINARY] = {"BLOB", DUCKDB_TYPE_BLOB},
	[TYPE_DATE] = {"DATE", DUCKDB_TYPE_DATE},
	[TYPE_TIMESTAMP] = {"TIMESTAMP", DUCKDB_TYPE_TIMESTAMP},
	[TYPE_ARRAY] = {NULL, DUCKDB_TYPE_LIST},
	[TYPE_MAP] = {"MAP", DUCKDB_TYPE_MAP},
	[TYPE_STRUCT] = {"STRUCT", DUCKDB_TYPE_STRUCT},
	[TYPE_CHOICE] = {"STRUCT(tag UTINYINT, \"text\" VARCHAR)", DUCKDB_TYPE_STRUCT},
};

static void print_name(struct arena *arena, const struct type *type, struct buffer *out)
{
	switch (type->kind) {
	case TYPE_DECIMAL:
		buffer_printf(out, "DECIMAL(%u,%u)", type->precision, type->scale);
		return;
	case TYPE_ARRAY:
		print_name(arena, type->element, out);
		buffer_add_string(out, "[]");
		return;
	case TYPE_MAP:
		buffer_add_string(out, "MAP(");
		print_name(arena, type->key, out);
		buffer_add_string(out, ", ");
		print_name(arena, type->element, out);
		buffer_add_byte(out, ')');
		return;
	case TYPE_STRUCT:
		buffer_add_string(out, "STRUCT(");
		for (size_t i = 0; i < type->count; i++) {
			buffer_add_string(out, i ? ", " : "");
			buffer_add_text(out, sql_identifier(arena, type->fields[i].name));
			buffer_add_byte(out, ' ');
			print_name(arena, type->fields[i].type, out);
		}
		buffer_add_byte(out, ')');
		return;
	default:
		buffer_add_string(out, kinds[type->kind].name);
	}
}

const char *engine_type_name(struct arena *arena, const struct type *type)
{
	struct buffer SCOPED_BUFFER out;
	/* Types are bounded when they are parsed; names double at most when quoted. */
	buffer_init(&out, 8 * LIMIT_TYPE_TEXT_BYTES);
	print_name(arena, type, &out);
	return arena_text(arena, buffer_text(&out));
}

static duckdb_logical_type struct_logical(const struct type *type, bool scan)
{
	duckdb_logical_type *members = memory_new_array(type->count, sizeof *members);
	const char **names = memory_new_array(type->count, sizeof *names);
	struct arena *arena = arena_new();
	for (size_t i = 0; i < type->count; i++) {
		members[i] = logical_of(type->fields[i].type, scan);
		names[i] = arena_text(arena, type->fields[i].name);
	}
	duckdb_logical_type made = duckdb_create_struct_type(members, names, type->count);
	for (size_t i = 0; i < type->count; i++)
		duckdb_destroy_logical_type(&members[i]);
	arena_free(arena);
	free(members);
	free(names);
	return made;
}

static duckdb_logical_type choice_logical(void)
{
	duckdb_logical_type members[] = {duckdb_create_logical_type(DUCKDB_TYPE_UTINYINT),
		duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR)};
	const char *names[] = {"tag", "text"};
	duckdb_logical_type made = duckdb_create_struct_type(members, names, 2);
	duckdb_destroy_logical_type(&members[0]);
	duckdb_destroy_logical_type(&members[1]);
	return made;
}

duckdb_logical_type logical_of(const struct type *type, bool scan)
{
	duckdb_logical_type parts[2], made;
	switch (type->kind) {
	case TYPE_DECIMAL:
		return duckdb_create_decimal_type(
			(uint8_t)(scan && type->precision < 10 ? 10 : type->precision),
			(uint8_t)type->scale);
	case TYPE_ARRAY:
		parts[0] = logical_of(type->element, scan);
		made = duckdb_create_list_type(parts[0]);
		duckdb_destroy_logical_type(&parts[0]);
		return made;
	case TYPE_MAP:
		parts[0] = logical_of(type->key, scan);
		parts[1] = logical_of(type->element, scan);
		made = duckdb_create_map_type(parts[0], parts[1]);
		duckdb_destroy_logical_type(&parts[0]);
		duckdb_destroy_logical_type(&parts[1]);
		return made;
	case TYPE_STRUCT:
		return struct_logical(type, scan);
	case TYPE_CHOICE:
		return choice_logical();
	default:
		return duckdb_create_logical_type(kinds[type->kind].id);
	}
}

/* What each of the engine's scalar types is to us. An unsigned number takes the
 * next wider signed one; sums of bigint (HUGEINT) are bigint, as in Hive and
 * Spark, and overflow is an error where they are cast. */
static enum type_kind scalar_kind(duckdb_type id)
{
	switch (id) {
	case DUCKDB_TYPE_BOOLEAN:
		return TYPE_BOOLEAN;
	case DUCKDB_TYPE_TINYINT:
		return TYPE_TINYINT;
	case DUCKDB_TYPE_SMALLINT:
	case DUCKDB_TYPE_UTINYINT:
		return TYPE_SMALLINT;
	case DUCKDB_TYPE_INTEGER:
	case DUCKDB_TYPE_USMALLINT:
		return TYPE_INT;
	case DUCKDB_TYPE_BIGINT:
	case DUCKDB_TYPE_UINTEGER:
	case DUCKDB_TYPE_HUGEINT:
		return TYPE_BIGINT;
	case DUCKDB_TYPE_FLOAT:
		return TYPE_FLOAT;
	case DUCKDB_TYPE_DOUBLE:
		return TYPE_DOUBLE;
	case DUCKDB_TYPE_BLOB:
		return TYPE_BINARY;
	case DUCKDB_TYPE_DATE:
		return TYPE_DATE;
	case DUCKDB_TYPE_TIMESTAMP:
	case DUCKDB_TYPE_TIMESTAMP_S:
	case DUCKDB_TYPE_TIMESTAMP_MS:
	case DUCKDB_TYPE_TIMESTAMP_NS:
	case DUCKDB_TYPE_TIMESTAMP_TZ:
		return TYPE_TIMESTAMP;
	default:
		return TYPE_STRING; /* time, interval, uuid, enum, bit, union, … as text */
	}
}

static const struct type *part_of(struct arena *arena, duckdb_logical_type part)
{
	const struct type *type = type_of_logical(arena, part);
	duckdb_destroy_logical_type(&part);
	return type;
}

static const struct type *struct_of(struct arena *arena, duckdb_logical_type logical)
{
	size_t count = duckdb_struct_type_child_count(logical);
	struct field *fields = arena_array(arena, count, sizeof *fields);
	for (size_t i = 0; i < count; i++) {
		char *name = duckdb_struct_type_child_name(logical, i);
		fields[i].name = arena_copy(arena, text_of(name));
		duckdb_free(name);
		fields[i].type = part_of(arena, duckdb_struct_type_child_type(logical, i));
	}
	return type_struct(arena, fields, count);
}

const struct type *type_of_logical(struct arena *arena, duckdb_logical_type logical)
{
	switch (duckdb_get_type_id(logical)) {
	case DUCKDB_TYPE_DECIMAL:
		return type_decimal(
			arena, duckdb_decimal_width(logical), duckdb_decimal_scale(logical));
	case DUCKDB_TYPE_UBIGINT:
		return type_decimal(arena, 20, 0);
	case DUCKDB_TYPE_LIST:
		return type_array(arena, part_of(arena, duckdb_list_type_child_type(logical)));
	case DUCKDB_TYPE_ARRAY:
		return type_array(arena, part_of(arena, duckdb_array_type_child_type(logical)));
	case DUCKDB_TYPE_MAP:
		return type_map(arena, part_of(arena, duckdb_map_type_key_type(logical)),
			part_of(arena, duckdb_map_type_value_type(logical)));
	case DUCKDB_TYPE_STRUCT:
		return struct_of(arena, logical);
	default:
		return type_simple(scalar_kind(duckdb_get_type_id(logical)));
	}
}

static bool member_is(duckdb_logical_type logical, size_t index, const char *name, duckdb_type id)
{
	char *found = duckdb_struct_type_child_name(logical, index);
	duckdb_logical_type member = duckdb_struct_type_child_type(logical, index);
	bool same = strcasecmp(found, name) == 0 && duckdb_get_type_id(member) == id;
	duckdb_destroy_logical_type(&member);
	duckdb_free(found);
	return same;
}

bool logical_is_choice(duckdb_logical_type logical)
{
	return duckdb_get_type_id(logical) == DUCKDB_TYPE_STRUCT &&
	       duckdb_struct_type_child_count(logical) == 2 &&
	       member_is(logical, 0, "tag", DUCKDB_TYPE_UTINYINT) &&
	       member_is(logical, 1, "text", DUCKDB_TYPE_VARCHAR);
}

#include "registry/avro.h"

#include "registry/columns.h"

static const struct type *type_of(struct columns *columns, const struct avro *type);

static const struct type *logical_of(struct columns *columns, const struct avro *type)
{
	static const struct {
		const char *logical;
		enum type_kind kind;
	} rows[] = {
		{"date", TYPE_DATE},
		{"timestamp-millis", TYPE_TIMESTAMP},
		{"timestamp-micros", TYPE_TIMESTAMP},
		{"timestamp-nanos", TYPE_TIMESTAMP},
		{"local-timestamp-millis", TYPE_TIMESTAMP},
		{"local-timestamp-micros", TYPE_TIMESTAMP},
		{"local-timestamp-nanos", TYPE_TIMESTAMP},
		{"uuid", TYPE_STRING},
	};
	if (text_equal(type->logical, TEXT("decimal")) && type->precision <= 38)
		return type_decimal(
			columns->arena, (uint16_t)type->precision, (uint16_t)type->scale);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (text_equal(type->logical, text_of(rows[i].logical)))
			return type_simple(rows[i].kind);
	}
	return NULL;
}

static const struct type *record_of(struct columns *columns, const struct avro *record)
{
	struct field *fields = arena_array(columns->arena, record->field_count, sizeof *fields);
	if (record->field_count == 0) /* Hive knows no empty struct */
		return type_simple(TYPE_STRING);
	for (size_t i = 0; i < record->field_count; i++)
		fields[i] = (struct field){
			record->fields[i].name, type_of(columns, record->fields[i].type)};
	return type_struct(columns->arena, fields, record->field_count);
}

/* Null and one other type is that type; any other union has no word in Hive that all
 * readers know. */
static const struct type *union_of(struct columns *columns, const struct avro *type)
{
	const struct avro *only = NULL;
	for (size_t i = 0; i < type->branch_count; i++) {
		if (type->branches[i]->kind == AVRO_NULL)
			continue;
		if (only)
			return type_simple(TYPE_STRING);
		only = type->branches[i];
	}
	return only ? type_of(columns, only) : type_simple(TYPE_STRING);
}

static const struct type *complex_of(struct columns *columns, const struct avro *type)
{
	if (type->kind == AVRO_RECORD)
		return record_of(columns, type);
	if (type->kind == AVRO_ARRAY)
		return type_array(columns->arena, type_of(columns, type->items));
	if (type->kind == AVRO_MAP)
		return type_map(
			columns->arena, type_simple(TYPE_STRING), type_of(columns, type->items));
	return union_of(columns, type);
}

static const struct type *type_of(struct columns *columns, const struct avro *type)
{
	static const enum type_kind simple[AVRO_KINDS_] = {[AVRO_NULL] = TYPE_STRING,
		[AVRO_BOOLEAN] = TYPE_BOOLEAN,
		[AVRO_INT] = TYPE_INT,
		[AVRO_LONG] = TYPE_BIGINT,
		[AVRO_FLOAT] = TYPE_FLOAT,
		[AVRO_DOUBLE] = TYPE_DOUBLE,
		[AVRO_BYTES] = TYPE_BINARY,
		[AVRO_STRING] = TYPE_STRING,
		[AVRO_ENUM] = TYPE_STRING,
		[AVRO_FIXED] = TYPE_BINARY};
	const struct type *made = logical_of(columns, type);
	if (made)
		return made;
	if (type->kind < AVRO_PRIMITIVES_ || type->kind == AVRO_ENUM || type->kind == AVRO_FIXED)
		return type_simple(simple[type->kind]);
	if (!columns_enter(columns, type, type->field_count))
		return type_simple(TYPE_STRING);
	made = complex_of(columns, type);
	columns_leave(columns);
	return made;
}

void avro_columns(struct arena *arena, const void *parsed, struct schema *schema_out)
{
	const struct avro *root = ((const struct avro_schema *)parsed)->root;
	struct columns columns = {.arena = arena, .fields_left = COLUMN_FIELDS};
	bool record = root->kind == AVRO_RECORD;
	size_t count = record ? root->field_count : 1;
	struct column *made = arena_array(arena, count, sizeof *made);
	if (record)
		(void)columns_enter(&columns, root, count);
	*schema_out = (struct schema){.columns = made, .column_count = count};
	if (!record) {
		made[0] = (struct column){TEXT("value"), type_of(&columns, root), root->doc};
		return;
	}
	for (size_t i = 0; i < count; i++)
		made[i] = (struct column){root->fields[i].name,
			type_of(&columns, root->fields[i].type), root->fields[i].doc};
}

#include "registry/protobuf.h"

#include "registry/columns.h"

static const struct type *field_type(struct columns *columns, const struct proto_field *field);

static const struct type *foreign_of(struct columns *columns, struct text name)
{
	static const struct {
		const char *name;
		enum type_kind kind;
	} rows[] = {
		{"google.protobuf.Timestamp", TYPE_TIMESTAMP},
		{"google.protobuf.DoubleValue", TYPE_DOUBLE},
		{"google.protobuf.FloatValue", TYPE_FLOAT},
		{"google.protobuf.Int64Value", TYPE_BIGINT},
		{"google.protobuf.Int32Value", TYPE_INT},
		{"google.protobuf.UInt32Value", TYPE_BIGINT},
		{"google.protobuf.BoolValue", TYPE_BOOLEAN},
		{"google.protobuf.BytesValue", TYPE_BINARY},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (text_equal(name, text_of(rows[i].name)))
			return type_simple(rows[i].kind);
	}
	if (text_equal(name, TEXT("google.protobuf.UInt64Value")))
		return type_decimal(columns->arena, 20, 0);
	return type_simple(TYPE_STRING);
}

static const struct type *message_type(struct columns *columns, const struct proto_type *message)
{
	if (message->foreign)
		return foreign_of(columns, message->name);
	if (message->field_count == 0 || !columns_enter(columns, message, message->field_count))
		return type_simple(TYPE_STRING);
	struct field *fields = arena_array(columns->arena, message->field_count, sizeof *fields);
	for (size_t i = 0; i < message->field_count; i++)
		fields[i] = (struct field){
			message->fields[i].name, field_type(columns, &message->fields[i])};
	columns_leave(columns);
	return type_struct(columns->arena, fields, message->field_count);
}

static const struct type *value_type(struct columns *columns, const struct proto_field *field)
{
	static const enum type_kind kinds[PROTO_SCALARS_] = {[PROTO_DOUBLE] = TYPE_DOUBLE,
		[PROTO_FLOAT] = TYPE_FLOAT,
		[PROTO_INT32] = TYPE_INT,
		[PROTO_INT64] = TYPE_BIGINT,
		[PROTO_UINT32] = TYPE_BIGINT,
		[PROTO_UINT64] = TYPE_DECIMAL,
		[PROTO_SINT32] = TYPE_INT,
		[PROTO_SINT64] = TYPE_BIGINT,
		[PROTO_FIXED32] = TYPE_BIGINT,
		[PROTO_FIXED64] = TYPE_DECIMAL,
		[PROTO_SFIXED32] = TYPE_INT,
		[PROTO_SFIXED64] = TYPE_BIGINT,
		[PROTO_BOOL] = TYPE_BOOLEAN,
		[PROTO_STRING] = TYPE_STRING,
		[PROTO_BYTES] = TYPE_BINARY};
	if (field->kind == PROTO_ENUM)
		return type_simple(TYPE_STRING);
	if (field->kind >= PROTO_SCALARS_)
		return message_type(columns, field->type);
	if (kinds[field->kind] == TYPE_DECIMAL) /* 64 bits without a sign */
		return type_decimal(columns->arena, 20, 0);
	return type_simple(kinds[field->kind]);
}

static const struct type *field_type(struct columns *columns, const struct proto_field *field)
{
	struct arena *arena = columns->arena;
	if (field->map)
		return type_map(arena, value_type(columns, &field->type->fields[0]),
			value_type(columns, &field->type->fields[1]));
	const struct type *value = value_type(columns, field);
	return field->label == PROTO_REPEATED ? type_array(arena, value) : value;
}

/* Of the first message. */
void protobuf_columns(struct arena *arena, const void *parsed, struct schema *schema_out)
{
	const struct proto_type *message = ((const struct proto_file *)parsed)->messages[0];
	struct columns columns = {.arena = arena, .fields_left = COLUMN_FIELDS};
	struct column *made = arena_array(arena, message->field_count, sizeof *made);
	(void)columns_enter(&columns, message, message->field_count);
	for (size_t i = 0; i < message->field_count; i++)
		made[i] = (struct column){.name = message->fields[i].name,
			.type = field_type(&columns, &message->fields[i])};
	*schema_out = (struct schema){.columns = made, .column_count = message->field_count};
}

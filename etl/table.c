#include "etl/table.h"

#include "schema/notation.h"

static enum status parse_columns(struct arena *arena, Tenon__V1__Column *const *columns,
	size_t count, const struct column **columns_out, struct error *err)
{
	struct column *parsed = arena_array(arena, count, sizeof *parsed);
	for (size_t i = 0; i < count; i++) {
		parsed[i].name = text_of(columns[i]->name);
		parsed[i].comment = text_of(columns[i]->comment);
		if (type_parse(arena, text_of(columns[i]->type), &parsed[i].type, err) != STATUS_OK)
			return fail_within(err, "column '%s'", columns[i]->name);
	}
	*columns_out = parsed;
	return STATUS_OK;
}

enum status table_schema(struct arena *arena, const Tenon__V1__Table *table,
	struct schema *schema_out, struct error *err)
{
	struct schema schema = {0};
	if (table->storage) {
		TRY(parse_columns(arena, table->storage->columns, table->storage->n_columns,
			&schema.columns, err));
		schema.column_count = table->storage->n_columns;
	}
	TRY(parse_columns(
		arena, table->partition_keys, table->n_partition_keys, &schema.keys, err));
	schema.key_count = table->n_partition_keys;
	*schema_out = schema;
	return STATUS_OK;
}

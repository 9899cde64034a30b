#include "tests/catalog/kill_make.h"

#include "catalog/registries.h"

#include <inttypes.h>

/* A registry with a schema; another version with a note on it; described anew; a version
 * that failed; both gone; the registry gone with all of it. */
enum { STEPS = 6 };

static struct schema_version_new version_of(struct arena *arena, uint64_t step)
{
	struct text definition = text_of(kill_number(arena, step));
	return (struct schema_version_new){
		.definition = definition,
		.canonical = definition,
		.failure = step % STEPS == 4 ? "nobody reads it" : NULL,
	};
}

static enum status make(
	struct catalog_txn *txn, char *name, uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__SchemaRegistry registry = TENON__V1__SCHEMA_REGISTRY__INIT;
	Tenon__V1__RegisteredSchema schema = TENON__V1__REGISTERED_SCHEMA__INIT;
	Tenon__V1__SchemaRegistry *made;
	Tenon__V1__RegisteredSchema *made_schema;
	Tenon__V1__SchemaVersion *version;
	struct schema_version_new first = version_of(arena, step);
	registry.name = name;
	registry.description = kill_number(arena, step);
	schema.registry = name;
	schema.name = name;
	schema.format = TENON__V1__DATA_FORMAT__DATA_FORMAT_AVRO;
	TRY(registry_create(txn, &registry, arena, &made, err));
	return schema_create(txn, &schema, &first, arena, &made_schema, &version, err);
}

static enum status add(struct catalog_txn *txn, const char *name, uint64_t step,
	struct arena *arena, struct error *err)
{
	Tenon__V1__SchemaVersion *version;
	struct schema_version_new fresh = version_of(arena, step);
	struct schema_view view;
	TRY(schema_view(txn, text_of(name), text_of(name), arena, &view, err));
	TRY(schema_version_add(txn, &view, &fresh, arena, &version, err));
	return schema_version_annotate(txn, text_of(version->id), TEXT("step"),
		kill_number(arena, step), arena, &version, err);
}

static enum status describe(
	struct catalog_txn *txn, char *name, uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__UpdateSchemaRequest asked = TENON__V1__UPDATE_SCHEMA_REQUEST__INIT;
	Tenon__V1__RegisteredSchema *schema;
	Tenon__V1__SchemaRegistry *registry;
	asked.registry = name;
	asked.name = name;
	asked.description = kill_number(arena, step);
	TRY(registry_update(txn, text_of(name), text_of(asked.description), arena, &registry, err));
	return schema_update(txn, &asked, arena, &schema, err);
}

static enum status registry_write(struct catalog_txn *txn, const struct kill_cell *cell,
	uint64_t step, struct arena *arena, struct error *err)
{
	Tenon__V1__DeleteSchemaVersionsResponse gone =
		TENON__V1__DELETE_SCHEMA_VERSIONS_RESPONSE__INIT;
	char *name = arena_text(arena, text_of(cell->name));
	struct text text = text_of(name);
	switch (step % STEPS) {
	case 1:
		return make(txn, name, step, arena, err);
	case 2:
	case 4:
		return add(txn, name, step, arena, err);
	case 3:
		return describe(txn, name, step, arena, err);
	case 5:
		TRY(schema_version_delete(txn, text, text, TEXT("2-3"), arena, &gone, err));
		return gone.n_errors ? fail(err, STATUS_INTERNAL, "%s", gone.errors[0]->message)
				     : STATUS_OK;
	default:
		return registry_delete(txn, text, err);
	}
}

/* Version `number` is there just when it should be, as step `made` made it. */
static bool version_is(struct catalog_txn *txn, const struct kill_cell *cell, uint32_t number,
	uint64_t made, bool should, struct arena *arena)
{
	struct error err;
	struct text name = text_of(cell->name);
	Tenon__V1__SchemaVersion *version;
	Tenon__V1__SchemaVersion *same;
	enum status status = schema_version_get(txn, name, name, number, arena, &version, &err);
	if (!should || status != STATUS_OK)
		return !should && status == STATUS_NOT_FOUND;
	bool failed =
		version->status == TENON__V1__SCHEMA_VERSION_STATUS__SCHEMA_VERSION_STATUS_FAILURE;
	bool noted = version->n_metadata == 1 && kill_says(version->metadata[0]->value, made);
	return kill_says(version->definition, made) && failed == (number == 3) &&
	       noted == (number > 1) &&
	       schema_version_get_by_id(txn, text_of(version->id), arena, &same, &err) ==
		       STATUS_OK &&
	       same->version == number;
}

static bool is_described(
	struct catalog_txn *txn, const char *name, uint64_t by, struct arena *arena)
{
	struct error err;
	Tenon__V1__ListRegistriesResponse all = TENON__V1__LIST_REGISTRIES_RESPONSE__INIT;
	if (registry_list(txn, TEXT(""), 1000, arena, &all, &err) != STATUS_OK)
		return false;
	for (size_t i = 0; i < all.n_registries; i++) {
		if (strcmp(all.registries[i]->name, name) == 0)
			return kill_says(all.registries[i]->description, by) &&
			       all.registries[i]->schema_count == 1;
	}
	return false;
}

static bool registry_is_at(struct catalog_txn *txn, const struct kill_cell *cell, uint64_t step,
	struct arena *arena, struct error *err)
{
	struct text name = text_of(cell->name);
	struct schema_view view;
	uint64_t phase = step % STEPS;
	uint64_t made = step - phase + 1;
	bool there = schema_view(txn, name, name, arena, &view, err) == STATUS_OK;
	if (phase == 0 || !there)
		return phase == 0 && !there;
	/* A schema is described by its third step. */
	bool described = phase < 3 ? !*view.schema->description
				   : kill_says(view.schema->description, made + 2);
	return described && is_described(txn, cell->name, phase < 3 ? made : made + 2, arena) &&
	       version_is(txn, cell, 1, made, true, arena) &&
	       version_is(txn, cell, 2, made + 1, phase >= 2 && phase < 5, arena) &&
	       version_is(txn, cell, 3, made + 3, phase == 4, arena);
}

static const struct kill_kind rows[] = {
	{"registry", registry_write, registry_is_at},
};

const struct kill_family kill_registry = KILL_FAMILY(rows);

#include "service/registering.h"

#include "base/clock.h"
#include "schema/notation.h"

#include <inttypes.h>

static char *column_type(struct arena *arena, const struct type *type)
{
	const char *text = type_text(arena, type);
	return wire_text(
		arena, strlen(text) <= LIMIT_TYPE_TEXT_BYTES ? text_of(text) : TEXT("string"));
}

static void columns_set(
	struct arena *arena, const struct definition *definition, struct schema_version_new *fresh)
{
	struct schema schema;
	definition_columns(arena, definition, &schema);
	fresh->columns = arena_array(arena, schema.column_count, sizeof *fresh->columns);
	fresh->column_count = schema.column_count;
	for (size_t i = 0; i < schema.column_count; i++) {
		const struct column *from = &schema.columns[i];
		Tenon__V1__Column *column = arena_alloc(arena, sizeof *column);
		*column = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
		column->name = wire_text(arena, from->name);
		column->type = column_type(arena, from->type);
		column->comment = wire_text(arena, text_until(from->comment, LIMIT_COMMENT_BYTES));
		while (!text_is_utf8(text_of(column->comment))) /* a character was cut */
			column->comment[strlen(column->comment) - 1] = 0;
		fresh->columns[i] = column;
	}
}

enum status candidate_parse(struct arena *arena, Tenon__V1__DataFormat format,
	const char *definition, struct candidate *candidate_out, struct error *err)
{
	struct text text = text_of(definition);
	*candidate_out = (struct candidate){.fresh.definition = text};
	TRY(definition_parse(arena, format, text, &candidate_out->definition, err));
	candidate_out->fresh.canonical = definition_canonical(arena, candidate_out->definition);
	columns_set(arena, candidate_out->definition, &candidate_out->fresh);
	return STATUS_OK;
}

static void obstacles_keep(
	struct arena *arena, const struct obstacles *from, struct obstacles *kept)
{
	*kept = (struct obstacles){arena_array(arena, from->count, sizeof *kept->at), from->count};
	for (size_t i = 0; i < from->count; i++) {
		const struct obstacle *one = &from->at[i];
		kept->at[i] = (struct obstacle){one->kind, arena_copy(arena, one->path),
			arena_copy(arena, one->before), arena_copy(arena, one->after),
			arena_copy(arena, one->reason)};
	}
}

static void refuse(struct arena *arena, const struct mode *mode, uint32_t version,
	const struct obstacles *obstacles, struct decision *decision)
{
	obstacles_keep(arena, obstacles, &decision->obstacles);
	const struct obstacle *first = &decision->obstacles.at[0];
	struct text path = text_until(first->path, 100);
	decision->accepted = false;
	decision->why = arena_printf(arena,
		"not %s compatible with version %" PRIu32 ": %.*s%s%s: %.*s", mode->name, version,
		TEXT_ARG(path), path.length ? " " : "", first->kind, TEXT_ARG(first->reason));
}

static enum status compare(const struct candidate *candidate, const struct mode *mode,
	const Tenon__V1__SchemaVersion *older, Tenon__V1__DataFormat format, struct arena *scratch,
	struct arena *arena, struct decision *decision, struct error *err)
{
	const struct definition *definition;
	struct obstacles obstacles = {0};
	bool follows;
	if (definition_parse(scratch, format, text_of(older->definition), &definition, err) !=
			STATUS_OK ||
		definition_follows(scratch, mode, candidate->definition, definition, &obstacles,
			&follows, err) != STATUS_OK)
		return fail_within(err, "version %" PRIu32, older->version);
	if (!follows)
		refuse(arena, mode, older->version, &obstacles, decision);
	return STATUS_OK;
}

static enum status version_read(struct catalog *catalog, const struct schema_view *view,
	uint32_t from, struct arena *arena, Tenon__V1__SchemaVersion **version_out,
	struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	TRY(catalog_read(catalog, &txn, err));
	return schema_version_from(txn, view, from, arena, version_out, err);
}

static enum status in_time(uint64_t began_ns, struct error *err)
{
	if (clock_monotonic_ns() - began_ns < LIMIT_CHECK_SECONDS * UINT64_C(1000000000))
		return STATUS_OK;
	return fail(err, STATUS_RESOURCE_EXHAUSTED,
		"comparing with all versions takes longer than %d s: move the checkpoint on",
		LIMIT_CHECK_SECONDS);
}

enum status candidate_decide(struct catalog *catalog, const struct schema_view *view,
	const struct candidate *candidate, struct arena *arena, struct decision *decision_out,
	struct error *err)
{
	const Tenon__V1__RegisteredSchema *schema = view->schema;
	const struct mode *mode = mode_of(schema->compatibility);
	uint64_t began = clock_monotonic_ns();
	*decision_out = (struct decision){.accepted = true};
	if (!mode)
		return fail(err, STATUS_DATA_LOSS, "schema '%s' has compatibility %d", schema->name,
			(int)schema->compatibility);
	if (mode->closed) {
		decision_out->accepted = false;
		decision_out->why = "the schema's compatibility is DISABLED: it takes no further "
				    "versions";
		return STATUS_OK;
	}
	uint32_t from = mode->every ? schema->checkpoint : schema->latest_version;
	bool compares = mode->new_reads_old || mode->old_reads_new;
	while (compares && decision_out->accepted) {
		OWNED(arena) scratch = arena_new();
		Tenon__V1__SchemaVersion *older;
		TRY(in_time(began, err));
		TRY(version_read(catalog, view, from, scratch, &older, err));
		if (!older)
			break;
		TRY(compare(
			candidate, mode, older, schema->format, scratch, arena, decision_out, err));
		from = older->version + 1;
	}
	return STATUS_OK;
}

void differences_of(struct arena *arena, const struct obstacles *obstacles,
	Tenon__V1__SchemaChange ***changes_out, size_t *count_out)
{
	Tenon__V1__SchemaChange **changes = arena_array(arena, obstacles->count, sizeof *changes);
	for (size_t i = 0; i < obstacles->count; i++) {
		const struct obstacle *one = &obstacles->at[i];
		Tenon__V1__SchemaChange *change = arena_alloc(arena, sizeof *change);
		*change = (Tenon__V1__SchemaChange)TENON__V1__SCHEMA_CHANGE__INIT;
		change->kind = wire_text(arena, text_of(one->kind));
		change->severity = wire_text(arena, TEXT("breaking"));
		change->path = wire_text(arena, one->path);
		change->before = wire_text(arena, one->before);
		change->after = wire_text(arena, one->after);
		change->reason = wire_text(arena, one->reason);
		changes[i] = change;
	}
	*changes_out = changes;
	*count_out = obstacles->count;
}

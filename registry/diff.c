#include "registry/registry.h"

#include "schema/diff.h"
#include "schema/notation.h"

/* All that changed between two definitions: what keeps one from reading the other, and
 * what the columns show besides. */

struct all {
	struct arena *arena;
	Tenon__V1__SchemaChange **changes;
	size_t count;
	size_t most;
};

static void change_add(struct all *all, const char *kind, const char *severity, struct text path,
	struct text before, struct text after, struct text reason)
{
	for (size_t i = 0; i < all->count; i++) {
		if (text_equal(text_of(all->changes[i]->path), path) &&
			(reason.length == 0 ||
				text_equal(text_of(all->changes[i]->reason), reason)))
			return;
	}
	if (all->count == all->most)
		return;
	Tenon__V1__SchemaChange *change = arena_alloc(all->arena, sizeof *change);
	*change = (Tenon__V1__SchemaChange)TENON__V1__SCHEMA_CHANGE__INIT;
	change->kind = arena_text(all->arena, text_of(kind));
	change->severity = arena_text(all->arena, text_of(severity));
	change->path = arena_text(all->arena, path);
	change->before = arena_text(all->arena, before);
	change->after = arena_text(all->arena, after);
	change->reason = arena_text(all->arena, reason);
	all->changes[all->count++] = change;
}

static void obstacles_add(struct all *all, const struct obstacles *obstacles, const char *severity)
{
	for (size_t i = 0; i < obstacles->count; i++) {
		const struct obstacle *one = &obstacles->at[i];
		change_add(
			all, one->kind, severity, one->path, one->before, one->after, one->reason);
	}
}

static struct text type_said(struct arena *arena, const struct type *type)
{
	return type ? text_of(type_text(arena, type)) : TEXT("");
}

static void columns_add(
	struct all *all, const struct definition *before, const struct definition *after)
{
	struct schema old;
	struct schema new;
	struct changes changes;
	definition_columns(all->arena, before, &old);
	definition_columns(all->arena, after, &new);
	schema_diff(all->arena, &old, &new, &changes);
	for (size_t i = 0; i < changes.count && i < LIMIT_SCHEMA_DIFFERENCES; i++) {
		const struct change *change = &changes.at[i];
		/* What it means for data has been told above: here only what it is. */
		change_add(all, change_name(change->kind), severity_name(SEVERITY_SAFE),
			change->path, type_said(all->arena, change->before),
			type_said(all->arena, change->after), TEXT(""));
	}
}

enum status definition_diff(struct arena *arena, const struct definition *before,
	const struct definition *after, Tenon__V1__DiffSchemaVersionsResponse *diff_out,
	struct error *err)
{
	struct obstacles backward = {0};
	struct obstacles forward = {0};
	bool new_reads = true;
	bool old_reads = true;
	struct all all = {.arena = arena, .most = (size_t)3 * LIMIT_SCHEMA_DIFFERENCES};
	TRY(definition_reads(arena, after, before, true, &backward, &new_reads, err));
	TRY(definition_reads(arena, before, after, false, &forward, &old_reads, err));
	all.changes = arena_array(arena, all.most, sizeof(Tenon__V1__SchemaChange *));
	obstacles_add(&all, &backward, severity_name(SEVERITY_BREAKING));
	obstacles_add(&all, &forward, severity_name(SEVERITY_WIDENING));
	columns_add(&all, before, after);
	diff_out->severity =
		arena_text(arena, text_of(severity_name(!new_reads  ? SEVERITY_BREAKING
							: old_reads ? SEVERITY_SAFE
								    : SEVERITY_WIDENING)));
	diff_out->changes = all.changes;
	diff_out->n_changes = all.count;
	return STATUS_OK;
}

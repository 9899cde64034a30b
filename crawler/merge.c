#include "crawler/merge.h"

#include "crawler/entry.h"
#include "crawler/evidence.h"
#include "crawler/keys.h"
#include "schema/notation.h"
#include "schema/resolve.h"

/* ---- dialect ---- */

static void take_first(char **into, char *from)
{
	if (!**into)
		*into = from;
}

/* Objects of one table agree on what tells records and fields apart (grouping saw
 * to it); of the rest, what any object uses. */
static void add_dialect(Tenon__V1__Dialect *all, const Tenon__V1__Dialect *one)
{
	take_first(&all->quote, one->quote);
	take_first(&all->comment, one->comment);
	take_first(&all->null_text, one->null_text);
}

/* ---- sums ---- */

static void add_bad(
	struct arena *arena, Tenon__V1__Inferred *summary, const Tenon__V1__Inferred *one)
{
	summary->bad_records += one->bad_records;
	for (size_t i = 0; i < one->n_bad && summary->n_bad < LIMIT_BAD_RECORDS_KEPT; i++) {
		if (!summary->bad)
			summary->bad =
				arena_array(arena, LIMIT_BAD_RECORDS_KEPT, sizeof *summary->bad);
		summary->bad[summary->n_bad++] = one->bad[i];
	}
}

static void add_object(struct arena *arena, Tenon__V1__Inferred *summary, const struct found *found)
{
	static char mixed[] = "mixed";
	const Tenon__V1__Inferred *one = found->entry->inferred;
	if (summary->objects++ == 0) {
		summary->classification = one->classification;
		summary->compression = one->compression;
		summary->libmagic = one->libmagic;
		summary->dialect = arena_alloc(arena, sizeof *summary->dialect);
		tenon__v1__dialect__init(summary->dialect);
		if (one->dialect)
			*summary->dialect = *one->dialect;
	} else if (one->dialect) {
		add_dialect(summary->dialect, one->dialect);
	}
	if (strcmp(summary->compression, one->compression) != 0)
		summary->compression = mixed;
	summary->bytes += one->bytes;
	summary->row_count += one->row_count;
	summary->objects_opened += found->changed;
	add_bad(arena, summary, one);
}

/* ---- columns ---- */

static bool is_text_format(const char *classification)
{
	return strcmp(classification, "csv") == 0;
}

/* Glue's crawler writes every whole number of a CSV as bigint. */
static const struct type *whole_as_bigint(struct arena *arena, const struct type *row)
{
	struct field *fields = arena_array(arena, row->count, sizeof *fields);
	for (size_t i = 0; i < row->count; i++) {
		fields[i] = row->fields[i];
		if (type_is_integer(fields[i].type->kind))
			fields[i].type = type_simple(TYPE_BIGINT);
	}
	return type_struct(arena, fields, row->count);
}

enum status row_stored(struct arena *arena, const struct type *row, const char *classification,
	const char *policy, const struct type **stored_out, struct error *err)
{
	static const struct {
		const char *name;
		enum resolve_policy typed, text;
	} policies[] = {
		{"", RESOLVE_KEEP, RESOLVE_STRING},
		{"keep", RESOLVE_KEEP, RESOLVE_STRING},
		{"string", RESOLVE_STRING, RESOLVE_STRING},
		{"glue", RESOLVE_GLUE, RESOLVE_GLUE},
	};
	bool text = is_text_format(classification);
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
		if (strcmp(policies[i].name, policy) != 0)
			continue;
		const struct type *stored =
			type_resolved(arena, row, text ? policies[i].text : policies[i].typed);
		*stored_out = text ? whole_as_bigint(arena, stored) : stored;
		return STATUS_OK;
	}
	return fail(err, STATUS_INVALID_ARGUMENT,
		"unknown choice policy '%s': say keep, string or glue", policy);
}

static bool is_key(const struct text *keys, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal_folded(keys[i], name))
			return true;
	}
	return false;
}

/* What the catalog takes as a name (glue-behaviour 0, "Common string rules"). */
static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = (unsigned char)name.at[i];
		if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
			return false;
	}
	return name.length > 0 && name.length <= LIMIT_NAME_BYTES && text_is_utf8(name);
}

static const char *type_stored(struct arena *arena, const struct type *type)
{
	const char *text = type_text(arena, type);
	return strlen(text) > LIMIT_TYPE_TEXT_BYTES ? "string" : text;
}

/* One object with odd names must not keep a crawl from being applied: columns that
 * the catalog cannot hold are left out, and the summary says so. */
void set_columns(struct arena *arena, const struct type *row, const struct text *keys,
	size_t key_count, Tenon__V1__Inferred *summary)
{
	size_t left_out = 0;
	summary->columns = arena_array(arena, row->count, sizeof *summary->columns);
	summary->n_columns = 0;
	for (size_t i = 0; i < row->count; i++) {
		const struct field *field = &row->fields[i];
		/* The path says it too, and Hive allows a name once: the path wins. */
		if (is_key(keys, key_count, field->name))
			continue;
		if (!is_name(field->name) || type_field(row, field->name) != field ||
			summary->n_columns == LIMIT_COLUMNS) {
			left_out++;
			continue;
		}
		summary->columns[summary->n_columns++] =
			name_type_new(arena, field->name, type_stored(arena, field->type));
	}
	if (left_out)
		summary->error = arena_printf(arena,
			"%zu columns are left out: their names are empty, longer than %d bytes, "
			"hold "
			"control characters or stand twice, or there are more than %d",
			left_out, LIMIT_NAME_BYTES, LIMIT_COLUMNS);
}

static size_t count_folders(const struct found *found, const struct group *group)
{
	size_t count = 0;
	struct text folder = {0};
	for (size_t i = 0; i < group->count; i++) {
		struct text own = folder_of(found[group->members[i]].object->path);
		count += i == 0 || !text_equal(own, folder);
		folder = own;
	}
	return count;
}

static void set_keys(const struct found *found, const struct group *group, struct arena *arena,
	const struct text *keys, Tenon__V1__Inferred *summary)
{
	summary->partition_keys =
		arena_array(arena, group->levels, sizeof *summary->partition_keys);
	summary->n_partition_keys = group->levels;
	for (size_t i = 0; i < group->levels; i++)
		summary->partition_keys[i] = name_type_new(arena, keys[i], "string");
	summary->partitions = group->levels ? count_folders(found, group) : 0;
}

enum status group_merge(const struct found *found, const struct group *group, const char *policy,
	struct arena *arena, Tenon__V1__Inferred **summary_out, struct error *err)
{
	Tenon__V1__Inferred *summary = arena_alloc(arena, sizeof *summary);
	tenon__v1__inferred__init(summary);
	summary->path = arena_text(arena, group->root);
	summary->outcome = arena_text(arena, TEXT("ok"));
	summary->similarity = group->similarity;
	OWNED(evidence_merge) evidence = evidence_merge_new(arena);
	for (size_t i = 0; i < group->count; i++) {
		const struct found *member = &found[group->members[i]];
		add_object(arena, summary, member);
		evidence_merge_add(evidence, member->entry->path, member->entry->inferred->evidence,
			member->entry->inferred->n_evidence);
	}
	summary->evidence = evidence_merge_columns(evidence, &summary->n_evidence);
	const struct type *stored;
	TRY(row_stored(arena, group->row, summary->classification, policy, &stored, err));
	const struct text *keys = keys_of_group(found, group, arena);
	set_keys(found, group, arena, keys, summary);
	set_columns(arena, stored, keys, group->levels, summary);
	*summary_out = summary;
	return STATUS_OK;
}

#include "etl/path_source.h"

#include "base/partition_folder.h"
#include "etl/faults.h"
#include "schema/join.h"
#include "schema/resolve.h"

/* The key=value folders of a path below the source's location, as columns. */
static size_t folders_of(
	struct arena *arena, struct text below, struct column *keys, struct text *values)
{
	size_t count = 0;
	struct text rest = below, piece;
	bool more = true;
	while (text_split(&rest, &more, '/', &piece) && more && count < LIMIT_PARTITION_KEYS) {
		size_t equals = text_find(piece, '=');
		if (!equals || equals == piece.length)
			return 0;
		keys[count] = (struct column){
			text_until(piece, equals), type_simple(TYPE_STRING), TEXT("")};
		values[count++] = folder_value_decode(arena, text_from(piece, equals + 1));
	}
	return count;
}

static bool same_keys(const struct schema *schema, const struct column *keys, size_t count)
{
	if (schema->key_count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!text_equal_folded(schema->keys[i].name, keys[i].name))
			return false;
	}
	return true;
}

static void find_keys(struct compile *compile, struct source *source)
{
	struct arena *arena = compile->arena;
	for (size_t i = 0; i < source->file_count; i++) {
		struct column *keys = arena_array(arena, LIMIT_PARTITION_KEYS, sizeof *keys);
		struct text *values = arena_array(arena, LIMIT_PARTITION_KEYS, sizeof *values);
		struct text below =
			text_from(source->files[i].object.path, source->location.length + 1);
		size_t count = folders_of(arena, below, keys, values);
		if (i == 0) {
			source->schema.keys = keys;
			source->schema.key_count = count;
		}
		if (!count || !same_keys(&source->schema, keys, count)) {
			source->schema.key_count = 0;
			break;
		}
		source->files[i].values = values;
	}
	for (size_t i = 0; !source->schema.key_count && i < source->file_count; i++)
		source->files[i].values = NULL;
}

enum status path_source_list(struct compile *compile, struct source *source, struct error *err)
{
	if (source->spec->partition_predicate[0])
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'partition_predicate' needs a catalog table: crawl the path, or use a "
			"filter "
			"node");
	TRY(location_normal(compile->arena, text_of(source->spec->path), &source->location, err));
	TRY(store_open(source->location, &source->store, err));
	struct listing listing;
	TRY(store_list(source->store, source->location, compile->arena, &listing, err));
	if (!listing.count)
		return fail(err, STATUS_FAILED_PRECONDITION, "no files under '%.*s'",
			TEXT_ARG(source->location));
	source->files = arena_array(compile->arena, listing.count, sizeof *source->files);
	for (size_t i = 0; i < listing.count; i++)
		source->files[i].object = listing.objects[i];
	source->file_count = listing.count;
	find_keys(compile, source);
	return STATUS_OK;
}

static enum status infer_file(struct compile *compile, struct source *source,
	struct source_file *file, const struct type **row, bool *typed, struct error *err)
{
	struct inferred inferred = {0};
	const struct format *format = NULL;
	TRY(format_classify(source->store, &file->object, compile->arena, &inferred, &format, err));
	const char *asked = source->spec->format;
	if (asked[0])
		format = format_find(asked);
	if (!format)
		return fail(err, STATUS_UNIMPLEMENTED, "it is %s%s, which cannot be read yet",
			asked[0] ? "said to be " : "", asked[0] ? asked : inferred.classification);
	if (source->format && source->format != format)
		return fail(err, STATUS_FAILED_PRECONDITION,
			"it is %s, but files before it are %s: name one format's folder, or crawl "
			"the path and name its tables",
			format_name(format), format_name(source->format));
	source->format = format;
	TRY(format_infer(
		format, source->store, &file->object, 1, NULL, compile->arena, &inferred, err));
	file->dialect = inferred.dialect;
	*typed = inferred.typed;
	*row = *row ? type_join(compile->arena, *row, inferred.row) : inferred.row;
	return STATUS_OK;
}

enum status path_source_infer(struct compile *compile, struct source *source,
	const struct source_file *any, struct error *err)
{
	const struct type *row = NULL;
	bool typed = true;
	struct source_file one = *any;
	for (size_t i = 0; i < source->file_count; i++) {
		if (infer_file(compile, source, &source->files[i], &row, &typed, err) == STATUS_OK)
			continue;
		(void)fail_within(err, "'%.*s'", TEXT_ARG(source->files[i].object.path));
		if (!fault_of_file(err->status))
			return err->status;
		fault_note(source, i, err);
		TRY(faults_set_aside(source, 1, err));
		i--;
	}
	if (!source->file_count)
		TRY(infer_file(compile, source, &one, &row, &typed, err));
	row = type_resolved(compile->arena, row, typed ? RESOLVE_KEEP : RESOLVE_STRING);
	struct schema columns;
	schema_of_struct(compile->arena, row, &columns);
	source->schema.columns = columns.columns;
	source->schema.column_count = columns.column_count;
	return STATUS_OK;
}

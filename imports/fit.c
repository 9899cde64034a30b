#include "imports/fit.h"

#include "base/limits.h"
#include "imports/reading.h"
#include "schema/notation.h"

#include <string.h>

static char parameter_type[] = "import.type";
static char parameter_comment[] = "import.comment";
static char type_string[] = "string";

static void column_parameter(Tenon__V1__Column *column, struct arena *arena, char *key, char *value)
{
	Tenon__V1__Column__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
	*entry = (Tenon__V1__Column__ParametersEntry)TENON__V1__COLUMN__PARAMETERS_ENTRY__INIT;
	entry->key = key;
	entry->value = value;
	column->parameters = arena_grow(arena, column->parameters, column->n_parameters,
		column->n_parameters + 1, sizeof *column->parameters);
	column->parameters[column->n_parameters++] = entry;
}

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_';
}

/* The names of other engines for what Tenon has; longer ones before those they begin with. */
static const struct {
	const char *theirs, *ours;
} phrases[] = {
	{"timestamp with local time zone", "timestamp"},
	{"timestamp with time zone", "timestamp"},
	{"timestamp without time zone", "timestamp"},
	{"timestamp_ltz", "timestamp"},
	{"timestamp_ntz", "timestamp"},
	{"timestamptz", "timestamp"},
	{"timestamplocaltz", "timestamp"},
	{"double precision", "double"},
	{"bool", "boolean"},
	{"text", "string"},
};

static size_t phrase_at(struct text rest, const char **ours_out)
{
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		size_t length = strlen(phrases[i].theirs);
		if (rest.length >= length &&
			text_equal_folded(text_until(rest, length), text_of(phrases[i].theirs)) &&
			(rest.length == length || !is_word(rest.at[length]))) {
			*ours_out = phrases[i].ours;
			return length;
		}
	}
	return 0;
}

/* A field's name is followed by ':': it is no type, whatever it is called. */
static bool is_name(struct text rest)
{
	while (rest.length && rest.at[0] == ' ')
		rest = text_from(rest, 1);
	return rest.length && rest.at[0] == ':';
}

static char *type_translated(struct arena *arena, struct text type)
{
	struct buffer SCOPED_BUFFER out;
	buffer_init(&out, LIMIT_TYPE_TEXT_BYTES);
	size_t at = 0;
	while (at < type.length) {
		const char *ours = "";
		bool fresh = at == 0 || !is_word(type.at[at - 1]);
		size_t length = fresh ? phrase_at(text_from(type, at), &ours) : 0;
		if (length && !is_name(text_from(type, at + length))) {
			buffer_add_string(&out, ours);
			at += length;
		} else {
			buffer_add_byte(&out, type.at[at++]);
		}
	}
	return arena_text(arena, buffer_text(&out));
}

static bool type_known(const char *type)
{
	OWNED(arena) arena = arena_new();
	const struct type *parsed;
	struct error err;
	return type_parse(arena, text_of(type), &parsed, &err) == STATUS_OK;
}

static void fit_type(Tenon__V1__Column *column, struct arena *arena, struct import_notes *notes)
{
	char *written = column->type;
	if (type_known(written))
		return;
	column->type = type_translated(arena, text_of(written));
	if (!type_known(column->type))
		column->type = type_string;
	if (strlen(written) <= LIMIT_PARAMETER_VALUE_BYTES)
		column_parameter(column, arena, parameter_type, written);
	const char *shown = strlen(written) > 100 ? "of more than 100 bytes" : written;
	import_note(notes, IMPORT_CHANGED, arena_printf(arena, "type '%s'", shown),
		arena_printf(arena, "to '%s', the original is column parameter '%s'",
			strlen(column->type) > 100 ? "known types" : column->type, parameter_type));
}

/* At most `most` bytes, whole characters. */
static char *cut(struct arena *arena, const char *text, size_t most)
{
	size_t length = strlen(text);
	length = length < most ? length : most;
	while (length && ((unsigned char)text[length] & 0xC0) == 0x80)
		length--;
	return arena_text(arena, (struct text){text, length});
}

static void fit_columns(
	Tenon__V1__Column **columns, size_t count, struct arena *arena, struct import_notes *notes)
{
	for (size_t i = 0; i < count; i++) {
		Tenon__V1__Column *column = columns[i];
		fit_type(column, arena, notes);
		if (strlen(column->comment) <= LIMIT_COMMENT_BYTES)
			continue;
		column_parameter(column, arena, parameter_comment, column->comment);
		column->comment = cut(arena, column->comment, LIMIT_COMMENT_BYTES);
		import_note(notes, IMPORT_CHANGED, "comments of columns",
			"cut to 255 bytes; the whole is column parameter 'import.comment'");
	}
}

static void fit_table(Tenon__V1__Table *table, struct arena *arena, struct import_notes *notes)
{
	if (table->storage)
		fit_columns(table->storage->columns, table->storage->n_columns, arena, notes);
	fit_columns(table->partition_keys, table->n_partition_keys, arena, notes);
	if (strlen(table->description) > LIMIT_DESCRIPTION_BYTES) {
		table_parameter_add(table, arena, parameter_comment, table->description);
		table->description = cut(arena, table->description, LIMIT_DESCRIPTION_BYTES);
		import_note(notes, IMPORT_CHANGED, "descriptions of tables",
			"cut to 2,048 bytes; the whole is parameter 'import.comment'");
	}
	reading_add(table, arena, notes);
}

void fit_item(struct import_item *item, struct arena *arena, struct import_notes *notes)
{
	if (item->kind == IMPORT_TABLE)
		fit_table(item->table, arena, notes);
	if (item->kind == IMPORT_PARTITION && item->partition->storage)
		fit_columns(item->partition->storage->columns, item->partition->storage->n_columns,
			arena, notes);
}

/* ---- locations ---- */

static struct text without_slash(struct text location)
{
	while (location.length > 1 && location.at[location.length - 1] == '/')
		location.length--;
	return location;
}

bool fit_move_read(struct text written, struct fit_move *move_out)
{
	size_t equals = text_find(written, '=');
	if (equals == 0 || equals + 1 >= written.length)
		return false;
	move_out->from = without_slash(text_until(written, equals));
	move_out->to = without_slash(text_from(written, equals + 1));
	return true;
}

static void move_one(char **location, const struct fit_move *moves, size_t count,
	struct arena *arena, struct import_notes *notes)
{
	struct text now = text_of(*location);
	for (size_t i = 0; i < count; i++) {
		struct text rest = text_from(now, moves[i].from.length);
		if (!text_starts(now, moves[i].from) || (rest.length && rest.at[0] != '/'))
			continue;
		*location = arena_printf(arena, "%.*s%.*s", TEXT_ARG(moves[i].to), TEXT_ARG(rest));
		import_note(notes, IMPORT_CHANGED,
			arena_printf(arena, "locations below '%.*s'", TEXT_ARG(moves[i].from)),
			arena_printf(arena, "to '%.*s'", TEXT_ARG(moves[i].to)));
		return;
	}
}

static void move_storage(Tenon__V1__StorageDescriptor *storage, const struct fit_move *moves,
	size_t count, struct arena *arena, struct import_notes *notes)
{
	if (!storage)
		return;
	move_one(&storage->location, moves, count, arena, notes);
	for (size_t i = 0; i < storage->n_additional_locations; i++)
		move_one(&storage->additional_locations[i], moves, count, arena, notes);
}

void fit_locations(struct import_item *item, const struct fit_move *moves, size_t count,
	struct arena *arena, struct import_notes *notes)
{
	switch (item->kind) {
	case IMPORT_DATABASE:
		move_one(&item->database->location, moves, count, arena, notes);
		return;
	case IMPORT_TABLE:
		move_storage(item->table->storage, moves, count, arena, notes);
		return;
	case IMPORT_PARTITION:
		move_storage(item->partition->storage, moves, count, arena, notes);
		return;
	case IMPORT_FUNCTION:
	case IMPORT_STATISTICS:
	case IMPORT_KINDS_:
		return;
	}
}

#include "etl/dialect.h"

#include <strings.h>

/* The entry types of protobuf-c's maps are alike but not the same type. */
#define FIND(entries, count, wanted)                               \
	for (size_t i_ = 0; i_ < (count); i_++) {                  \
		if (strcasecmp((entries)[i_]->key, (wanted)) == 0) \
			return (entries)[i_]->value;               \
	}

static const char *storage_parameter(const Tenon__V1__StorageDescriptor *storage, const char *key)
{
	if (!storage)
		return NULL;
	FIND(storage->parameters, storage->n_parameters, key)
	if (storage->serde)
		FIND(storage->serde->parameters, storage->serde->n_parameters, key)
	return NULL;
}

const char *table_parameter(
	const Tenon__V1__Table *table, const Tenon__V1__Partition *partition, const char *key)
{
	if (partition) {
		FIND(partition->parameters, partition->n_parameters, key)
		const char *own = storage_parameter(partition->storage, key);
		if (own)
			return own;
	}
	FIND(table->parameters, table->n_parameters, key)
	return storage_parameter(table->storage, key);
}

static const struct {
	const char *written;
	char byte;
} escapes[] = {{"\\t", '\t'}, {"\\u0001", 1}, {"\\001", 1}, {"\\u0000", 0}, {"\\\\", '\\'}};

static enum status byte_of(const char *key, const char *written, char *byte_out, struct error *err)
{
	for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
		if (strcmp(written, escapes[i].written) == 0) {
			*byte_out = escapes[i].byte;
			return STATUS_OK;
		}
	}
	if (strlen(written) > 1)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"parameter '%s' is '%s', one byte is expected", key, written);
	*byte_out = written[0];
	return STATUS_OK;
}

static enum status encoding_of(const char *written, const char **encoding_out, struct error *err)
{
	static const struct {
		const char *name, *encoding;
	} names[] = {{"utf-8", "utf-8"}, {"utf8", "utf-8"}, {"us-ascii", "utf-8"},
		{"utf-16le", "utf-16le"}, {"utf-16be", "utf-16be"}, {"latin-1", "latin-1"},
		{"iso-8859-1", "latin-1"}};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(written, names[i].name) == 0) {
			*encoding_out = names[i].encoding;
			return STATUS_OK;
		}
	}
	return fail(err, STATUS_UNIMPLEMENTED,
		"encoding '%s' is not known: utf-8, utf-16le, utf-16be and latin-1 are", written);
}

struct keyed {
	const char *keys[4]; /* the first that is there */
	size_t offset;
};

static enum status skipped_of(const char *written, struct dialect *dialect, struct error *err)
{
	uint64_t lines = 0;
	struct text text = text_of(written);
	if (text_uint64(text, &lines) != text.length || lines > UINT32_MAX)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"parameter 'skip.header.line.count' is '%s', a number is expected",
			written);
	dialect->skip = (uint32_t)lines;
	return STATUS_OK;
}

static bool is_false(const char *written)
{
	return written && strcasecmp(written, "false") == 0;
}

/* The skipped lines end with a header, unless `header` says that they hold none. */
static enum status preamble_of(const Tenon__V1__Table *table, const Tenon__V1__Partition *partition,
	struct dialect *dialect, struct error *err)
{
	const char *lines = table_parameter(table, partition, "skip.header.line.count");
	const char *header = table_parameter(table, partition, "header");
	if (lines)
		TRY(skipped_of(lines, dialect, err));
	dialect->header = header ? strcasecmp(header, "true") == 0 : dialect->skip > 0;
	dialect->skip -= dialect->header && dialect->skip;
	return STATUS_OK;
}

enum status dialect_of(struct arena *arena, const Tenon__V1__Table *table,
	const Tenon__V1__Partition *partition, struct dialect *dialect_out, struct error *err)
{
	static const struct keyed bytes[] = {
		{{"delimiter", "field.delim", "separatorChar"},
			offsetof(struct dialect, delimiter)},
		{{"quoteChar"}, offsetof(struct dialect, quote)},
		{{"escapeChar"}, offsetof(struct dialect, escape)},
		{{"commentCharacter"}, offsetof(struct dialect, comment)},
	};
	bool bare = is_false(table_parameter(table, partition, "areColumnsQuoted"));
	struct dialect dialect = {
		.delimiter = ',', .quote = bare ? 0 : '"', .known = true, .encoding = "utf-8"};
	for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
		const char *written = NULL, *key = NULL;
		for (size_t k = 0; k < 4 && bytes[i].keys[k] && !written; k++) {
			key = bytes[i].keys[k];
			written = table_parameter(table, partition, key);
		}
		if (written)
			TRY(byte_of(key, written, (char *)&dialect + bytes[i].offset, err));
	}
	TRY(preamble_of(table, partition, &dialect, err));
	const char *encoding = table_parameter(table, partition, "encoding");
	if (encoding)
		TRY(encoding_of(encoding, &dialect.encoding, err));
	const char *null_text = table_parameter(table, partition, "nullText");
	if (null_text)
		dialect.null_text = arena_text(arena, text_of(null_text));
	const char *array = table_parameter(table, partition, "jsonArray");
	dialect.array = array && strcasecmp(array, "true") == 0;
	*dialect_out = dialect;
	return STATUS_OK;
}

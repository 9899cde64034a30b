#include "imports/reading.h"

#include <string.h>
#include <strings.h>

/* By a piece of the serde's class name, or of the input format's where there is none
 * (Hive's own classes; openx for JSON; Presto's and Impala's tables use the same). */
static const struct {
	const char *piece, *classification;
} classes[] = {
	{"parquet", "parquet"},
	{"OrcSerde", "orc"},
	{"OrcInputFormat", "orc"},
	{"AvroSerDe", "avro"},
	{"AvroContainerInputFormat", "avro"},
	{"JsonSerDe", "json"},
	{"OpenCSVSerde", "csv"},
	{"LazySimpleSerDe", "csv"},
	{"com.bizo.hive.serde.csv", "csv"},
	{"RegexSerDe", "regex"},
	{"GrokSerDe", "grok"},
	{"XmlSerDe", "xml"},
	{"HudiParquetInputFormat", "hudi"},
	{"IcebergInputFormat", "iceberg"},
};

static const char *class_of(const char *name)
{
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		if (strcasestr(name, classes[i].piece))
			return classes[i].classification;
	}
	return NULL;
}

static const char *serde_parameter(const Tenon__V1__SerDe *serde, const char *key)
{
	for (size_t i = 0; serde && i < serde->n_parameters; i++) {
		if (strcasecmp(serde->parameters[i]->key, key) == 0)
			return serde->parameters[i]->value;
	}
	return NULL;
}

static const char *parameter(const Tenon__V1__Table *table, const char *key)
{
	for (size_t i = 0; i < table->n_parameters; i++) {
		if (strcasecmp(table->parameters[i]->key, key) == 0)
			return table->parameters[i]->value;
	}
	const Tenon__V1__StorageDescriptor *storage = table->storage;
	for (size_t i = 0; i < storage->n_parameters; i++) {
		if (strcasecmp(storage->parameters[i]->key, key) == 0)
			return storage->parameters[i]->value;
	}
	return serde_parameter(storage->serde, key);
}

void table_parameter_add(
	Tenon__V1__Table *table, struct arena *arena, const char *key, const char *value)
{
	Tenon__V1__Table__ParametersEntry *entry = arena_alloc(arena, sizeof *entry);
	*entry = (Tenon__V1__Table__ParametersEntry)TENON__V1__TABLE__PARAMETERS_ENTRY__INIT;
	entry->key = arena_text(arena, text_of(key));
	entry->value = arena_text(arena, text_of(value));
	table->parameters = arena_grow(arena, table->parameters, table->n_parameters,
		table->n_parameters + 1, sizeof *table->parameters);
	table->parameters[table->n_parameters++] = entry;
}

struct adding {
	Tenon__V1__Table *table;
	struct arena *arena;
	struct import_notes *notes;
};

static void add(const struct adding *to, const char *key, const char *value)
{
	if (parameter(to->table, key))
		return;
	table_parameter_add(to->table, to->arena, key, value);
	import_note(to->notes, IMPORT_ADDED, arena_printf(to->arena, "parameter '%s'", key),
		"as the serde implies");
}

/* Fields end with ^A, nothing is quoted, \N is null: Hive's LazySimpleSerDe, whose
 * parameters may say otherwise. */
static void add_lazy(const struct adding *to, const Tenon__V1__SerDe *serde)
{
	const char *delimiter = serde_parameter(serde, "field.delim");
	const char *format = serde_parameter(serde, "serialization.format");
	const char *null = serde_parameter(serde, "serialization.null.format");
	const char *escape = serde_parameter(serde, "escape.delim");
	/* serialization.format repeats the delimiter; "1" is the byte 1. */
	if (!delimiter && format && strcmp(format, "1") != 0 && strlen(format) == 1)
		add(to, "delimiter", format);
	else if (!delimiter)
		add(to, "delimiter", "\\001");
	add(to, "areColumnsQuoted", "false");
	add(to, "nullText", null ? null : "\\N");
	if (escape && escape[0])
		add(to, "escapeChar", escape);
}

void reading_add(Tenon__V1__Table *table, struct arena *arena, struct import_notes *notes)
{
	const Tenon__V1__StorageDescriptor *storage = table->storage;
	const struct adding to = {table, arena, notes};
	if (!storage || parameter(table, "classification"))
		return;
	const char *library = storage->serde ? storage->serde->library : "";
	const char *classification = class_of(library);
	if (!classification && !library[0])
		classification = class_of(storage->input_format);
	if (!classification)
		return;
	add(&to, "classification", classification);
	if (strcasestr(library, "LazySimpleSerDe"))
		add_lazy(&to, storage->serde);
}

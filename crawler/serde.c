#include "crawler/serde.h"

#include "base/buffer.h"

#include <assert.h>
#include <stdlib.h>

static const char text_input[] = "org.apache.hadoop.mapred.TextInputFormat";
static const char text_output[] = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
static const char quoted_serde[] = "org.apache.hadoop.hive.serde2.OpenCSVSerde";

static const struct {
	const char *classification;
	struct serde_names names;
} formats[] = {
	{"csv", {text_input, text_output, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"}},
	{"json", {text_input, text_output, "org.openx.data.jsonserde.JsonSerDe"}},
	{"parquet", {"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
			    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
			    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"}},
};

void parameter_add(struct parameters *parameters, const char *key, const char *value)
{
	assert(parameters->count < PARAMETERS_MAX);
	parameters->at[parameters->count++] = (struct parameter){key, value};
}

static bool is(const Tenon__V1__Inferred *summary, const char *classification)
{
	return strcmp(summary->classification, classification) == 0;
}

static void add_said(struct parameters *parameters, const char *key, const char *value)
{
	if (*value)
		parameter_add(parameters, key, value);
}

void dialect_parameters(
	struct arena *arena, const Tenon__V1__Inferred *summary, struct parameters *parameters)
{
	const Tenon__V1__Dialect *dialect = summary->dialect;
	if (!dialect)
		return;
	if (is(summary, "json") && dialect->array)
		parameter_add(parameters, "jsonArray", "true");
	if ((is(summary, "csv") || is(summary, "json")) && *dialect->encoding &&
		strcmp(dialect->encoding, "utf-8") != 0)
		parameter_add(parameters, "encoding", dialect->encoding);
	if (!is(summary, "csv"))
		return;
	add_said(parameters, "delimiter", dialect->delimiter);
	add_said(parameters, "quoteChar", dialect->quote);
	add_said(parameters, "escapeChar", dialect->escape);
	add_said(parameters, "commentCharacter", dialect->comment);
	add_said(parameters, "nullText", dialect->null_text);
	parameter_add(parameters, "columnsOrdered", "true");
	parameter_add(parameters, "areColumnsQuoted", *dialect->quote ? "true" : "false");
	unsigned skipped = dialect->skip + dialect->header;
	if (skipped)
		parameter_add(
			parameters, "skip.header.line.count", arena_printf(arena, "%u", skipped));
	if (skipped && !dialect->header)
		parameter_add(parameters, "header", "false");
}

struct serde_names serde_names(const Tenon__V1__Inferred *summary)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (!is(summary, formats[i].classification))
			continue;
		struct serde_names names = formats[i].names;
		if (is(summary, "csv") && summary->dialect && *summary->dialect->quote)
			names.library = quoted_serde;
		return names;
	}
	return (struct serde_names){"", "", ""};
}

static int by_text(const void *a, const void *b)
{
	const char *const *one = a;
	const char *const *other = b;
	return strcmp(*one, *other);
}

/* The JSON SerDe's "paths": the top-level names, sorted. */
static const char *json_paths(struct arena *arena, const Tenon__V1__Inferred *summary)
{
	enum { PATHS_BYTES = 256 * 1024 };
	const char **names = arena_array(arena, summary->n_columns, sizeof *names);
	for (size_t i = 0; i < summary->n_columns; i++)
		names[i] = summary->columns[i]->name;
	qsort(names, summary->n_columns, sizeof *names, by_text);
	struct buffer SCOPED_BUFFER paths;
	buffer_init(&paths, PATHS_BYTES);
	for (size_t i = 0; i < summary->n_columns; i++)
		buffer_printf(&paths, "%s%s", i ? "," : "", names[i]);
	return arena_text(arena, buffer_text(&paths));
}

void serde_parameters(
	struct arena *arena, const Tenon__V1__Inferred *summary, struct parameters *parameters)
{
	const Tenon__V1__Dialect *dialect = summary->dialect;
	if (is(summary, "csv") && dialect && *dialect->quote) {
		parameter_add(parameters, "separatorChar", dialect->delimiter);
		parameter_add(parameters, "quoteChar", dialect->quote);
		add_said(parameters, "escapeChar", dialect->escape);
	} else if (is(summary, "csv") && dialect) {
		parameter_add(parameters, "field.delim", dialect->delimiter);
	} else if (is(summary, "json")) {
		parameter_add(parameters, "paths", json_paths(arena, summary));
	} else if (is(summary, "parquet")) {
		parameter_add(parameters, "serialization.format", "1");
	}
}

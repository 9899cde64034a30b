#include "imports/ddl_format.h"
#include "imports/ddl_parser.h"

#include "base/limits.h"
#include "base/memory.h"

#include <strings.h>

/* CREATE TABLE: the columns, then clauses in any order, for every engine has its own. */

struct making {
	struct ddl_parser *parser;
	Tenon__V1__Table *table;
	Tenon__V1__StorageDescriptor *storage;
	Tenon__V1__SerDe *serde;
	struct ddl_pairs parameters;
	struct ddl_pairs serde_parameters;
	struct ddl_pairs options; /* Spark's */
	char **key_names; /* partition keys that are among the columns */
	size_t key_names_count;
	const struct ddl_format *format; /* of STORED AS or USING; NULL: not said */
	bool formats_said, stored_by, done;
};

static void add(struct making *making, const char *key, const char *value)
{
	ddl_pair_add(making->parser, &making->parameters, key, value);
}

static void keep(struct making *making, const char *key, struct text raw, const char *what)
{
	add(making, key, arena_text(making->parser->arena, raw));
	import_note(making->parser->notes, IMPORT_KEPT, what,
		arena_printf(making->parser->arena, "as parameter '%s'", key));
}

/* file:/x is how Hadoop writes file:///x. */
static enum status read_location(struct ddl_parser *parser, char **location_out)
{
	char *location = NULL;
	TRY(ddl_string(parser, &location));
	struct text text = text_of(location);
	if (text_starts(text, TEXT("file:/")) && !text_starts(text, TEXT("file://")))
		location = arena_printf(parser->arena, "file://%s", location + strlen("file:"));
	*location_out = location;
	return STATUS_OK;
}

static enum status clause_comment(struct making *making)
{
	return ddl_string(making->parser, &making->table->description);
}

static enum status clause_location(struct making *making)
{
	return read_location(making->parser, &making->storage->location);
}

static enum status clause_properties(struct making *making)
{
	return ddl_read_pairs(making->parser, &making->parameters);
}

static enum status clause_options(struct making *making)
{
	return ddl_read_pairs(making->parser, &making->options);
}

/* ---- partitions ---- */

/* Iceberg's bucket(16, id), days(ts): the list, kept as it is written. */
static enum status keep_transforms(struct making *making, struct text list)
{
	keep(making, "hive.partitioned_by", list, "PARTITIONED BY transforms");
	return STATUS_OK;
}

static enum status read_key_names(struct making *making)
{
	return ddl_names(making->parser, &making->key_names, &making->key_names_count);
}

/* (a int, b string) are new columns; (a, b) are some of the table's. */
static enum status clause_partitioned(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	if (ddl_take_word(parser, "ON"))
		return read_key_names(making);
	TRY(ddl_expect_word(parser, "BY"));
	(void)ddl_take_word(parser, "SPEC");
	/* A look ahead: which of three kinds of list it is. */
	struct ddl_parser ahead = *parser;
	TRY(ddl_expect_symbol(&ahead, '('));
	size_t from = ahead.token.from;
	ddl_advance(&ahead);
	bool names = ddl_at_symbol(&ahead, ',') || ddl_at_symbol(&ahead, ')');
	bool transforms = ddl_at_symbol(&ahead, '(');
	do
		(void)ddl_raw(&ahead);
	while (ddl_take_symbol(&ahead, ','));
	struct text list = ddl_between(&ahead, from, ahead.taken);
	if (transforms || (names && text_find(list, '(') < list.length)) {
		*parser = ahead;
		TRY(ddl_expect_symbol(parser, ')'));
		return keep_transforms(making, list);
	}
	if (names)
		return read_key_names(making);
	struct ddl_columns columns = {0};
	struct buffer SCOPED_BUFFER raw;
	buffer_init(&raw, LIMIT_PARAMETER_VALUE_BYTES);
	columns.raw = raw;
	enum status status = ddl_read_columns(parser, &columns);
	raw = columns.raw;
	TRY(status);
	making->table->partition_keys = columns.at;
	making->table->n_partition_keys = columns.count;
	return STATUS_OK;
}

/* Spark's keys are columns of the table that stand last in it. */
static enum status move_keys(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	Tenon__V1__StorageDescriptor *storage = making->storage;
	Tenon__V1__Table *table = making->table;
	table->partition_keys = arena_array(parser->arena, making->key_names_count, sizeof(void *));
	for (size_t k = 0; k < making->key_names_count; k++) {
		size_t at = 0;
		while (at < storage->n_columns &&
			strcasecmp(storage->columns[at]->name, making->key_names[k]) != 0)
			at++;
		if (at == storage->n_columns)
			return fail(parser->err, STATUS_INVALID_ARGUMENT,
				"partition column '%.80s' is not one of the table's",
				making->key_names[k]);
		table->partition_keys[table->n_partition_keys++] = storage->columns[at];
		for (; at + 1 < storage->n_columns; at++)
			storage->columns[at] = storage->columns[at + 1];
		storage->n_columns--;
	}
	return STATUS_OK;
}

/* ---- buckets, order, skew ---- */

static enum status sort_columns(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	size_t room = 0;
	TRY(ddl_expect_symbol(parser, '('));
	do {
		Tenon__V1__SortColumn *column = arena_alloc(parser->arena, sizeof *column);
		*column = (Tenon__V1__SortColumn)TENON__V1__SORT_COLUMN__INIT;
		TRY(ddl_name(parser, &column->column));
		column->descending = ddl_take_word(parser, "DESC");
		if (!column->descending)
			(void)ddl_take_word(parser, "ASC");
		size_t count = making->storage->n_sort_columns;
		if (count == room) {
			room = memory_grown(room, count + 1);
			making->storage->sort_columns = arena_grow(parser->arena,
				making->storage->sort_columns, count, room, sizeof(void *));
		}
		making->storage->sort_columns[making->storage->n_sort_columns++] = column;
	} while (ddl_take_symbol(parser, ','));
	return ddl_expect_symbol(parser, ')');
}

static enum status clause_clustered(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	TRY(ddl_expect_word(parser, "BY"));
	TRY(ddl_names(
		parser, &making->storage->bucket_columns, &making->storage->n_bucket_columns));
	if (ddl_take_word(parser, "SORTED")) {
		TRY(ddl_expect_word(parser, "BY"));
		TRY(sort_columns(making));
	}
	TRY(ddl_expect_word(parser, "INTO"));
	TRY(ddl_number(parser, &making->storage->number_of_buckets));
	return ddl_expect_word(parser, "BUCKETS");
}

/* Impala's */
static enum status clause_sort(struct making *making)
{
	TRY(ddl_expect_word(making->parser, "BY"));
	(void)ddl_take_word(making->parser, "ZORDER");
	return sort_columns(making);
}

static enum status skewed_value(struct making *making, size_t *room)
{
	struct ddl_parser *parser = making->parser;
	Tenon__V1__SkewedInfo *skewed = making->storage->skewed;
	if (skewed->n_values == *room) {
		*room = memory_grown(*room, skewed->n_values + 1);
		skewed->values = arena_grow(parser->arena, skewed->values, skewed->n_values, *room,
			sizeof *skewed->values);
	}
	if (parser->token.kind == DDL_STRING)
		return ddl_string(parser, &skewed->values[skewed->n_values++]);
	struct text raw = ddl_raw(parser);
	if (!raw.length)
		return ddl_refuse(parser, "a value");
	skewed->values[skewed->n_values++] = arena_text(parser->arena, raw);
	return STATUS_OK;
}

/* ON ('a', 'b') of one column, (('a', 1), ('b', 2)) of several */
static enum status clause_skewed(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	Tenon__V1__SkewedInfo *skewed = arena_alloc(parser->arena, sizeof *skewed);
	size_t room = 0;
	*skewed = (Tenon__V1__SkewedInfo)TENON__V1__SKEWED_INFO__INIT;
	making->storage->skewed = skewed;
	TRY(ddl_expect_word(parser, "BY"));
	TRY(ddl_names(parser, &skewed->columns, &skewed->n_columns));
	TRY(ddl_expect_word(parser, "ON"));
	TRY(ddl_expect_symbol(parser, '('));
	do {
		bool group = ddl_take_symbol(parser, '(');
		do
			TRY(skewed_value(making, &room));
		while (group && ddl_take_symbol(parser, ','));
		if (group)
			TRY(ddl_expect_symbol(parser, ')'));
	} while (ddl_take_symbol(parser, ','));
	return ddl_expect_symbol(parser, ')');
}

/* ---- rows and files ---- */

static enum status clause_with(struct making *making)
{
	if (ddl_take_word(making->parser, "TBLPROPERTIES"))
		return clause_properties(making);
	TRY(ddl_expect_word(making->parser, "SERDEPROPERTIES"));
	return ddl_read_pairs(making->parser, &making->serde_parameters);
}

/* FIELDS TERMINATED BY ',' and its kin: the serde parameters that Hive makes of them. */
static const struct {
	const char *words[4];
	const char *key, *also;
} delimiters[] = {
	{{"FIELDS", "TERMINATED", "BY"}, "field.delim", "serialization.format"},
	{{"ESCAPED", "BY"}, "escape.delim", NULL},
	{{"COLLECTION", "ITEMS", "TERMINATED", "BY"}, "collection.delim", NULL},
	{{"MAP", "KEYS", "TERMINATED", "BY"}, "mapkey.delim", NULL},
	{{"LINES", "TERMINATED", "BY"}, "line.delim", NULL},
	{{"NULL", "DEFINED", "AS"}, "serialization.null.format", NULL},
};
enum { DELIMITERS = sizeof delimiters / sizeof *delimiters };

static enum status read_delimited(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	for (size_t i = 0; i < DELIMITERS; i++) {
		char *value = NULL;
		if (!ddl_take_word(parser, delimiters[i].words[0]))
			continue;
		for (size_t w = 1; w < 4 && delimiters[i].words[w]; w++)
			TRY(ddl_expect_word(parser, delimiters[i].words[w]));
		TRY(ddl_string(parser, &value));
		ddl_pair_add(parser, &making->serde_parameters, delimiters[i].key, value);
		if (delimiters[i].also)
			ddl_pair_add(parser, &making->serde_parameters, delimiters[i].also, value);
		i = SIZE_MAX; /* in any order */
	}
	return STATUS_OK;
}

static enum status clause_row(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	TRY(ddl_expect_word(parser, "FORMAT"));
	if (ddl_take_word(parser, "SERDE"))
		return ddl_string(parser, &making->serde->library);
	TRY(ddl_expect_word(parser, "DELIMITED"));
	return read_delimited(making);
}

static enum status stored_formats(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	char *driver = NULL;
	TRY(ddl_string(parser, &making->storage->input_format));
	TRY(ddl_expect_word(parser, "OUTPUTFORMAT"));
	TRY(ddl_string(parser, &making->storage->output_format));
	if (ddl_take_word(parser, "INPUTDRIVER")) {
		TRY(ddl_string(parser, &driver));
		TRY(ddl_expect_word(parser, "OUTPUTDRIVER"));
		TRY(ddl_string(parser, &driver));
		import_note(parser->notes, IMPORT_LEFT_OUT, "INPUTDRIVER", "");
	}
	making->formats_said = true;
	return STATUS_OK;
}

static enum status stored_by(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	making->stored_by = true;
	if (parser->token.kind == DDL_STRING) {
		char *handler = NULL;
		TRY(ddl_string(parser, &handler));
		add(making, "storage_handler", handler);
		return STATUS_OK;
	}
	char *word = NULL;
	TRY(ddl_name(parser, &word));
	add(making, "table_type", word);
	for (char *at = word; *at; at++)
		*at = text_lower(*at);
	add(making, "classification", word);
	return STATUS_OK;
}

static enum status clause_stored(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	if (ddl_take_word(parser, "BY"))
		return stored_by(making);
	TRY(ddl_expect_word(parser, "AS"));
	if (ddl_take_word(parser, "DIRECTORIES")) {
		making->storage->stored_as_sub_directories = true;
		return STATUS_OK;
	}
	if (ddl_take_word(parser, "INPUTFORMAT"))
		return stored_formats(making);
	making->format = ddl_format_find(parser->token.text);
	if (!making->format && !ddl_at_word(parser, "KUDU") && !ddl_at_word(parser, "ICEBERG"))
		return ddl_refuse(parser, "a file format (TEXTFILE, PARQUET, ORC, ...)");
	if (!making->format)
		return stored_by(making);
	ddl_advance(parser);
	return STATUS_OK;
}

static enum status clause_using(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	char *provider = NULL;
	TRY(ddl_name(parser, &provider));
	while (ddl_take_symbol(parser, '.'))
		TRY(ddl_name(parser, &provider));
	making->format = ddl_format_find(text_of(provider));
	for (char *at = provider; *at; at++)
		*at = text_lower(*at);
	if (strcasecmp(provider, "hive") == 0)
		return STATUS_OK;
	add(making, "spark.sql.sources.provider", provider);
	making->stored_by = !making->format;
	if (!making->format)
		add(making, "classification", provider);
	return STATUS_OK;
}

static bool at_clause(const struct ddl_parser *parser)
{
	static const char *const words[] = {
		"COMMENT", "STORED", "ROW", "LOCATION", "TBLPROPERTIES", "WITH", "AS"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (ddl_at_word(parser, words[i]))
			return true;
	}
	return false;
}

/* A query that filled the table says nothing about what it is. */
static enum status clause_as(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	while (parser->token.kind != DDL_END)
		ddl_advance(parser);
	import_note(parser->notes, IMPORT_LEFT_OUT, "the query of CREATE TABLE ... AS", "");
	making->done = true;
	return STATUS_OK;
}

static enum status clause_cached(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	import_note(parser->notes, IMPORT_LEFT_OUT, "CACHED IN", "");
	char *pool = NULL;
	int32_t replication;
	TRY(ddl_expect_word(parser, "IN"));
	TRY(ddl_string(parser, &pool));
	if (!ddl_take_word(parser, "WITH"))
		return STATUS_OK;
	TRY(ddl_expect_word(parser, "REPLICATION"));
	TRY(ddl_expect_symbol(parser, '='));
	return ddl_number(parser, &replication);
}

/* Kudu's PARTITION BY HASH (id) PARTITIONS 3, RANGE (...) (...): not folders of the
 * table, so kept as it is written. */
static enum status clause_kudu(struct making *making)
{
	struct ddl_parser *parser = making->parser;
	TRY(ddl_expect_word(parser, "BY"));
	size_t from = parser->token.from;
	size_t depth = 0;
	while (parser->token.kind != DDL_END && (depth || !at_clause(parser))) {
		depth += ddl_at_symbol(parser, '(');
		depth -= depth && ddl_at_symbol(parser, ')');
		ddl_advance(parser);
	}
	keep(making, "hive.partitioned_by", ddl_between(parser, from, parser->taken),
		"PARTITION BY of Kudu");
	return STATUS_OK;
}

static enum status clause_nothing(struct making *making)
{
	(void)making;
	return STATUS_OK;
}

static const struct {
	const char *word;
	enum status (*read)(struct making *making);
} clauses[] = {
	{"COMMENT", clause_comment},
	{"PARTITIONED", clause_partitioned},
	{"PARTITION", clause_kudu},
	{"CLUSTERED", clause_clustered},
	{"SORT", clause_sort},
	{"SKEWED", clause_skewed},
	{"ROW", clause_row},
	{"WITH", clause_with},
	{"STORED", clause_stored},
	{"USING", clause_using},
	{"OPTIONS", clause_options},
	{"LOCATION", clause_location},
	{"TBLPROPERTIES", clause_properties},
	{"CACHED", clause_cached},
	{"UNCACHED", clause_nothing},
	{"AS", clause_as},
};

static enum status read_clause(struct making *making)
{
	for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++) {
		if (ddl_take_word(making->parser, clauses[i].word))
			return clauses[i].read(making);
	}
	return ddl_refuse(making->parser, "a clause of CREATE TABLE or the statement's end");
}

/* ---- what it comes to ---- */

/* Spark's options of text files, as Tenon's readers know them. */
static void take_options(struct making *making)
{
	static const struct {
		const char *theirs, *ours;
	} rows[] = {{"sep", "delimiter"}, {"delimiter", "delimiter"}, {"quote", "quoteChar"},
		{"escape", "escapeChar"}, {"header", "header"}, {"encoding", "encoding"},
		{"charset", "encoding"}, {"nullValue", "nullText"},
		{"comment", "commentCharacter"}};
	struct ddl_parser *parser = making->parser;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *value = ddl_pair_find(&making->options, rows[i].theirs);
		if (value && !ddl_pair_find(&making->parameters, rows[i].ours))
			add(making, rows[i].ours, value);
	}
	const char *path = ddl_pair_find(&making->options, "path");
	if (path && !making->storage->location[0])
		making->storage->location = arena_text(parser->arena, text_of(path));
	for (size_t i = 0; i < making->options.count; i++)
		ddl_pair_add(parser, &making->serde_parameters, making->options.at[i].key,
			making->options.at[i].value);
}

static void take_format(struct making *making)
{
	struct arena *arena = making->parser->arena;
	const struct ddl_format *format = making->format;
	if (!format && !making->formats_said && !making->stored_by)
		format = ddl_format_find(TEXT("TEXTFILE"));
	if (format && !making->formats_said) {
		making->storage->input_format = arena_text(arena, text_of(format->input));
		making->storage->output_format = arena_text(arena, text_of(format->output));
	}
	if (!making->serde->library[0] && !making->stored_by)
		making->serde->library =
			arena_text(arena, text_of(format ? format->serde : ddl_lazy_serde));
}

static enum status finish(struct making *making, bool external)
{
	static char external_table[] = "EXTERNAL_TABLE";
	static char managed_table[] = "MANAGED_TABLE";
	struct ddl_parser *parser = making->parser;
	take_options(making);
	take_format(making);
	if (making->key_names_count)
		TRY(move_keys(making));
	const char *said = ddl_pair_find(&making->parameters, "EXTERNAL");
	external = external || (said && strcasecmp(said, "TRUE") == 0);
	making->table->table_type = external ? external_table : managed_table;
	if (external && !said)
		add(making, "EXTERNAL", "TRUE");
	DDL_SET_MAP(parser, making->table, parameters, Tenon__V1__Table__ParametersEntry,
		TENON__V1__TABLE__PARAMETERS_ENTRY__INIT, &making->parameters);
	DDL_SET_MAP(parser, making->serde, parameters, Tenon__V1__SerDe__ParametersEntry,
		TENON__V1__SER_DE__PARAMETERS_ENTRY__INIT, &making->serde_parameters);
	return STATUS_OK;
}

static enum status read_body(struct making *making, struct ddl_columns *columns)
{
	struct ddl_parser *parser = making->parser;
	if (ddl_at_word(parser, "LIKE"))
		return fail(parser->err, STATUS_INVALID_ARGUMENT,
			"CREATE TABLE ... LIKE does not say what the table is: import what SHOW "
			"CREATE TABLE prints of it");
	if (ddl_at_symbol(parser, '('))
		TRY(ddl_read_columns(parser, columns));
	making->storage->columns = columns->at;
	making->storage->n_columns = columns->count;
	if (columns->raw.length)
		keep(making, "hive.constraints", buffer_text(&columns->raw),
			"constraints of tables");
	while (parser->token.kind != DDL_END && !making->done)
		TRY(read_clause(making));
	return parser->broken;
}

enum status ddl_create_table(struct ddl_parser *parser, bool external)
{
	struct arena *arena = parser->arena;
	struct import_item *item = ddl_item(parser, IMPORT_TABLE);
	struct making making = {.parser = parser};
	making.table = arena_alloc(arena, sizeof *making.table);
	making.storage = arena_alloc(arena, sizeof *making.storage);
	making.serde = arena_alloc(arena, sizeof *making.serde);
	*making.table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	*making.storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	*making.serde = (Tenon__V1__SerDe)TENON__V1__SER_DE__INIT;
	making.table->storage = making.storage;
	making.storage->serde = making.serde;
	item->table = making.table;
	TRY(ddl_if_not_exists(parser));
	TRY(ddl_full_name(parser, &making.table->database, &making.table->name));
	struct ddl_columns columns = {0};
	buffer_init(&columns.raw, LIMIT_PARAMETER_VALUE_BYTES);
	enum status status = read_body(&making, &columns);
	buffer_done(&columns.raw);
	TRY(status);
	return finish(&making, external);
}

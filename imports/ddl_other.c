#include "imports/ddl_parser.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <strings.h>

/* Every statement but CREATE TABLE. */

/* ---- views ---- */

static enum status view_columns(struct ddl_parser *parser, struct ddl_pairs *parameters)
{
	struct ddl_columns columns = {0};
	struct buffer SCOPED_BUFFER names;
	buffer_init(&names, LIMIT_PARAMETER_VALUE_BYTES);
	buffer_init(&columns.raw, LIMIT_PARAMETER_VALUE_BYTES);
	enum status status = ddl_read_columns(parser, &columns);
	buffer_done(&columns.raw);
	TRY(status);
	for (size_t i = 0; i < columns.count; i++)
		buffer_printf(&names, "%s%s", i ? ", " : "", columns.at[i]->name);
	TRY(buffer_check(&names, "the view's columns", parser->err));
	/* They have no types: those of the query, which nobody here can know. */
	ddl_pair_add(parser, parameters, "hive.view_columns",
		arena_text(parser->arena, buffer_text(&names)));
	import_note(parser->notes, IMPORT_KEPT, "columns of views, without their comments",
		"as parameter 'hive.view_columns'");
	return STATUS_OK;
}

static void leave_out(struct ddl_parser *parser)
{
	char what[64]; /* not of the arena: a long statement has millions of words */
	(void)snprintf(what, sizeof what, "'%.*s' of a view",
		TEXT_ARG(text_until(parser->token.text, 40)));
	import_note(parser->notes, IMPORT_LEFT_OUT, what, "");
	/* STORED AS ORC: its AS is not the query's. */
	bool stored = ddl_take_word(parser, "STORED");
	ddl_advance(parser);
	if (stored)
		ddl_advance(parser);
}

/* Up to AS; what only a materialized view has is left out. */
static enum status view_clauses(
	struct ddl_parser *parser, Tenon__V1__Table *table, struct ddl_pairs *parameters)
{
	while (!ddl_take_word(parser, "AS")) {
		if (parser->token.kind == DDL_END)
			return ddl_refuse(parser, "AS and the view's query");
		if (ddl_take_word(parser, "COMMENT"))
			TRY(ddl_string(parser, &table->description));
		else if (ddl_take_word(parser, "TBLPROPERTIES"))
			TRY(ddl_read_pairs(parser, parameters));
		else if (ddl_at_symbol(parser, '('))
			TRY(view_columns(parser, parameters));
		else
			leave_out(parser);
	}
	return STATUS_OK;
}

enum status ddl_create_view(struct ddl_parser *parser, bool materialized)
{
	static char view[] = "VIRTUAL_VIEW";
	static char materialized_view[] = "MATERIALIZED_VIEW";
	struct import_item *item = ddl_item(parser, IMPORT_TABLE);
	struct ddl_pairs parameters = {0};
	Tenon__V1__Table *table = arena_alloc(parser->arena, sizeof *table);
	*table = (Tenon__V1__Table)TENON__V1__TABLE__INIT;
	table->storage = arena_alloc(parser->arena, sizeof *table->storage);
	*table->storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	item->table = table;
	table->table_type = materialized ? materialized_view : view;
	TRY(ddl_if_not_exists(parser));
	TRY(ddl_full_name(parser, &table->database, &table->name));
	TRY(view_clauses(parser, table, &parameters));
	struct text query = ddl_between(parser, parser->token.from, parser->lexer.text.length);
	if (!query.length)
		return ddl_refuse(parser, "the view's query");
	table->view_original_text = arena_text(parser->arena, query);
	table->view_expanded_text = table->view_original_text;
	DDL_SET_MAP(parser, table, parameters, Tenon__V1__Table__ParametersEntry,
		TENON__V1__TABLE__PARAMETERS_ENTRY__INIT, &parameters);
	return STATUS_OK;
}

/* ---- databases and functions ---- */

enum status ddl_create_database(struct ddl_parser *parser)
{
	struct import_item *item = ddl_item(parser, IMPORT_DATABASE);
	Tenon__V1__Database *database = arena_alloc(parser->arena, sizeof *database);
	struct ddl_pairs parameters = {0};
	char *managed = NULL;
	*database = (Tenon__V1__Database)TENON__V1__DATABASE__INIT;
	item->database = database;
	TRY(ddl_if_not_exists(parser));
	TRY(ddl_name(parser, &database->name));
	while (parser->token.kind != DDL_END) {
		if (ddl_take_word(parser, "COMMENT"))
			TRY(ddl_string(parser, &database->description));
		else if (ddl_take_word(parser, "LOCATION"))
			TRY(ddl_string(parser, &database->location));
		else if (ddl_take_word(parser, "MANAGEDLOCATION")) {
			TRY(ddl_string(parser, &managed));
			ddl_pair_add(parser, &parameters, "hive.managed_location", managed);
		} else if (ddl_take_word(parser, "WITH")) {
			if (!ddl_take_word(parser, "DBPROPERTIES"))
				TRY(ddl_expect_word(parser, "PROPERTIES"));
			TRY(ddl_read_pairs(parser, &parameters));
		} else
			return ddl_refuse(parser,
				"COMMENT, LOCATION, WITH DBPROPERTIES or the statement's end");
	}
	DDL_SET_MAP(parser, database, parameters, Tenon__V1__Database__ParametersEntry,
		TENON__V1__DATABASE__PARAMETERS_ENTRY__INIT, &parameters);
	return parser->broken;
}

static enum status function_resource(struct ddl_parser *parser, Tenon__V1__Function *function)
{
	static const struct {
		const char *word;
		Tenon__V1__ResourceType type;
	} kinds[] = {{"JAR", TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_JAR},
		{"FILE", TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_FILE},
		{"ARCHIVE", TENON__V1__RESOURCE_TYPE__RESOURCE_TYPE_ARCHIVE}};
	Tenon__V1__FunctionResource *resource = arena_alloc(parser->arena, sizeof *resource);
	*resource = (Tenon__V1__FunctionResource)TENON__V1__FUNCTION_RESOURCE__INIT;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !resource->type; i++) {
		if (ddl_take_word(parser, kinds[i].word))
			resource->type = kinds[i].type;
	}
	if (!resource->type)
		return ddl_refuse(parser, "JAR, FILE or ARCHIVE");
	if (function->n_resources == LIMIT_FUNCTION_RESOURCES)
		return fail(parser->err, STATUS_RESOURCE_EXHAUSTED, "more than %d resources",
			LIMIT_FUNCTION_RESOURCES);
	TRY(ddl_string(parser, &resource->uri));
	function->resources[function->n_resources++] = resource;
	return STATUS_OK;
}

enum status ddl_create_function(struct ddl_parser *parser)
{
	struct import_item *item = ddl_item(parser, IMPORT_FUNCTION);
	Tenon__V1__Function *function = arena_alloc(parser->arena, sizeof *function);
	*function = (Tenon__V1__Function)TENON__V1__FUNCTION__INIT;
	function->resources = arena_array(parser->arena, LIMIT_FUNCTION_RESOURCES, sizeof(void *));
	item->function = function;
	TRY(ddl_if_not_exists(parser));
	TRY(ddl_full_name(parser, &function->database, &function->name));
	TRY(ddl_expect_word(parser, "AS"));
	TRY(ddl_string(parser, &function->class_name));
	if (!ddl_take_word(parser, "USING"))
		return STATUS_OK;
	do
		TRY(function_resource(parser, function));
	while (ddl_take_symbol(parser, ','));
	return STATUS_OK;
}

/* ---- partitions ---- */

/* key = 'value', key = 17, key = DATE '2013-07-01' */
static enum status partition_value(struct ddl_parser *parser, char **value_out)
{
	if (parser->token.kind == DDL_WORD &&
		(ddl_at_word(parser, "DATE") || ddl_at_word(parser, "TIMESTAMP")))
		ddl_advance(parser);
	if (parser->token.kind == DDL_STRING)
		return ddl_string(parser, value_out);
	struct text raw = ddl_raw(parser);
	if (!raw.length)
		return ddl_refuse(parser, "a value");
	if (text_equal_folded(raw, TEXT("NULL")))
		raw = TEXT("__HIVE_DEFAULT_PARTITION__");
	*value_out = arena_text(parser->arena, raw);
	return STATUS_OK;
}

static enum status partition_spec(
	struct ddl_parser *parser, struct import_item *item, Tenon__V1__Partition *partition)
{
	item->in_keys = arena_array(parser->arena, LIMIT_PARTITION_KEYS, sizeof *item->in_keys);
	partition->values =
		arena_array(parser->arena, LIMIT_PARTITION_KEYS, sizeof *partition->values);
	TRY(ddl_expect_symbol(parser, '('));
	do {
		size_t at = partition->n_values;
		if (at == LIMIT_PARTITION_KEYS)
			return fail(parser->err, STATUS_RESOURCE_EXHAUSTED,
				"more than %d partition keys", LIMIT_PARTITION_KEYS);
		TRY(ddl_name(parser, &item->in_keys[at]));
		TRY(ddl_expect_symbol(parser, '='));
		TRY(partition_value(parser, &partition->values[at]));
		partition->n_values++;
	} while (ddl_take_symbol(parser, ','));
	return ddl_expect_symbol(parser, ')');
}

static enum status add_partition(struct ddl_parser *parser, char *database, char *table)
{
	struct import_item *item = ddl_item(parser, IMPORT_PARTITION);
	Tenon__V1__Partition *partition = arena_alloc(parser->arena, sizeof *partition);
	*partition = (Tenon__V1__Partition)TENON__V1__PARTITION__INIT;
	item->partition = partition;
	item->in_database = database;
	item->in_table = table;
	TRY(ddl_expect_word(parser, "PARTITION"));
	TRY(partition_spec(parser, item, partition));
	if (!ddl_take_word(parser, "LOCATION"))
		return STATUS_OK;
	partition->storage = arena_alloc(parser->arena, sizeof *partition->storage);
	*partition->storage = (Tenon__V1__StorageDescriptor)TENON__V1__STORAGE_DESCRIPTOR__INIT;
	return ddl_string(parser, &partition->storage->location);
}

static void pass_over(struct ddl_parser *parser, const char *what)
{
	import_note(parser->notes, IMPORT_LEFT_OUT, what, "");
	while (parser->token.kind != DDL_END)
		ddl_advance(parser);
}

enum status ddl_alter_table(struct ddl_parser *parser)
{
	char *database = NULL;
	char *table = NULL;
	TRY(ddl_full_name(parser, &database, &table));
	bool adds = ddl_take_word(parser, "ADD");
	if (adds)
		TRY(ddl_if_not_exists(parser));
	if (!adds || !ddl_at_word(parser, "PARTITION")) {
		struct text word = text_until(parser->token.text, 40);
		pass_over(parser, arena_printf(parser->arena, "statements ALTER TABLE ... %s%.*s",
					  adds ? "ADD " : "", TEXT_ARG(word)));
		return STATUS_OK;
	}
	do
		TRY(add_partition(parser, database, table));
	while (ddl_take_symbol(parser, ',') || ddl_at_word(parser, "PARTITION"));
	return parser->token.kind == DDL_END
		       ? parser->broken
		       : ddl_refuse(parser, "PARTITION, LOCATION or the statement's end");
}

/* ---- which statement it is ---- */

static enum status read_create(struct ddl_parser *parser)
{
	static const char *const passed[] = {"OR", "REPLACE", "TEMPORARY", "TEMP", "GLOBAL",
		"TRANSACTIONAL", "MANAGED", "REMOTE"};
	bool external = false, materialized = false;
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
		if (ddl_take_word(parser, passed[i]))
			i = SIZE_MAX;
	}
	if (ddl_take_word(parser, "EXTERNAL"))
		external = true;
	else if (ddl_take_word(parser, "MATERIALIZED"))
		materialized = true;
	if (ddl_take_word(parser, "TABLE"))
		return ddl_create_table(parser, external);
	if (!external && ddl_take_word(parser, "VIEW"))
		return ddl_create_view(parser, materialized);
	if (ddl_take_word(parser, "DATABASE") || ddl_take_word(parser, "SCHEMA"))
		return ddl_create_database(parser);
	if (ddl_take_word(parser, "FUNCTION"))
		return ddl_create_function(parser);
	return ddl_refuse(parser, "TABLE, VIEW, DATABASE or FUNCTION");
}

enum status ddl_statement(struct ddl_parser *parser)
{
	static const char *const others[] = {"SET", "DROP", "INSERT", "MSCK", "ANALYZE", "GRANT",
		"REVOKE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "SELECT", "WITH", "LOAD", "ADD",
		"RESET", "REFRESH", "INVALIDATE", "COMPUTE", "TRUNCATE", "EXPORT", "DELETE",
		"UPDATE", "MERGE", "REPAIR", "COMMENT", "RELOAD", "CACHE"};
	if (ddl_take_word(parser, "CREATE"))
		return read_create(parser);
	if (ddl_take_word(parser, "ALTER")) {
		if (ddl_take_word(parser, "TABLE"))
			return ddl_alter_table(parser);
		pass_over(parser, "statements ALTER");
		return STATUS_OK;
	}
	if (ddl_take_word(parser, "USE"))
		return ddl_name(parser, &parser->database);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (ddl_at_word(parser, others[i])) {
			pass_over(parser, arena_printf(parser->arena, "statements %s", others[i]));
			return STATUS_OK;
		}
	}
	return ddl_refuse(parser, "CREATE, ALTER TABLE or USE");
}

#include "catalog/table_texts.h"

#include "catalog/definition.h"

#include <stdio.h>

const char *table_field_name(enum table_field field)
{
	static const char *const names[FIELD_COUNT_] = {
		[FIELD_NAME] = "name",
		[FIELD_COLUMN] = "column",
		[FIELD_DATABASE] = "database",
		[FIELD_DESCRIPTION] = "description",
		[FIELD_COMMENT] = "comment",
		[FIELD_OWNER] = "owner",
		[FIELD_TABLE_TYPE] = "table_type",
		[FIELD_LOCATION] = "location",
		[FIELD_TYPE] = "type",
		[FIELD_PARAMETER] = "parameter",
		[FIELD_TAG] = "tag",
	};
	return names[field];
}

struct walk {
	bool (*visit)(void *state, const struct table_text *text);
	void *state;
};

static bool show(
	const struct walk *walk, enum table_field field, const char *path, const char *text)
{
	struct table_text one = {.field = field, .path = text_of(path)};
	one.text = text_until(text_of(text), LIMIT_SEARCH_TEXT_BYTES);
	return one.text.length == 0 || walk->visit(walk->state, &one);
}

static bool show_columns(const struct walk *walk, enum table_field field,
	Tenon__V1__Column *const *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = columns[i]->name;
		if (field == FIELD_TYPE)
			text = columns[i]->type;
		if (field == FIELD_COMMENT)
			text = columns[i]->comment;
		if (!show(walk, field, columns[i]->name, text))
			return false;
	}
	return true;
}

static bool show_all_columns(
	const struct walk *walk, enum table_field field, const Tenon__V1__Table *table)
{
	if (table->storage &&
		!show_columns(walk, field, table->storage->columns, table->storage->n_columns))
		return false;
	return show_columns(walk, field, table->partition_keys, table->n_partition_keys);
}

/* A key and its value. */
static bool show_pair(const struct walk *walk, enum table_field field, const char *path,
	const char *key, const char *value)
{
	struct table_text one = {.field = field, .path = text_of(path), .key = text_of(key)};
	one.text = text_until(text_of(value), LIMIT_SEARCH_TEXT_BYTES);
	return show(walk, field, path, key) &&
	       (one.text.length == 0 || walk->visit(walk->state, &one));
}

static bool show_parameters(const struct walk *walk, const Tenon__V1__Table *table)
{
	for (size_t i = 0; i < table->n_parameters; i++) {
		const char *key = table->parameters[i]->key;
		if (!definition_measures(text_of(key)) &&
			!show_pair(walk, FIELD_PARAMETER, key, key, table->parameters[i]->value))
			return false;
	}
	return true;
}

static bool show_column_parameters(
	const struct walk *walk, Tenon__V1__Column *const *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < columns[i]->n_parameters; k++) {
			char path[2 * LIMIT_NAME_BYTES + 2];
			const char *key = columns[i]->parameters[k]->key;
			(void)snprintf(path, sizeof path, "%s.%s", columns[i]->name, key);
			if (!show_pair(walk, FIELD_PARAMETER, path, key,
				    columns[i]->parameters[k]->value))
				return false;
		}
	}
	return true;
}

static bool show_tags(const struct walk *walk, const Tenon__Store__V1__TagsRecord *tags)
{
	for (size_t i = 0; tags && i < tags->n_tags; i++) {
		const Tenon__Store__V1__Tag *tag = tags->tags[i];
		if (!show_pair(walk, FIELD_TAG, tag->key, tag->key, tag->value))
			return false;
	}
	return true;
}

void table_texts(const Tenon__V1__Table *table, const Tenon__Store__V1__TagsRecord *tags,
	bool (*visit)(void *state, const struct table_text *text), void *state)
{
	const struct walk walk = {visit, state};
	const Tenon__V1__StorageDescriptor *storage = table->storage;
	(void)(show(&walk, FIELD_NAME, "", table->name) &&
		show_all_columns(&walk, FIELD_COLUMN, table) &&
		show(&walk, FIELD_DATABASE, "", table->database) &&
		show(&walk, FIELD_DESCRIPTION, "", table->description) &&
		show_all_columns(&walk, FIELD_COMMENT, table) &&
		show(&walk, FIELD_OWNER, "", table->owner) &&
		show(&walk, FIELD_TABLE_TYPE, "", table->table_type) &&
		show(&walk, FIELD_LOCATION, "", storage ? storage->location : "") &&
		show_all_columns(&walk, FIELD_TYPE, table) && show_tags(&walk, tags) &&
		show_parameters(&walk, table) &&
		(!storage || show_column_parameters(&walk, storage->columns, storage->n_columns)) &&
		show_column_parameters(&walk, table->partition_keys, table->n_partition_keys));
}

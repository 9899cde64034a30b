#include "imports/glue.h"

#include "base/memory.h"
#include "imports/fit.h"
#include "imports/glue_bind.h"
#include "imports/json_items.h"
#include "proto/json.h"

#include <stdio.h>
#include <stdlib.h>

struct glue {
	struct json_items *items;
	struct arena *nodes; /* of one item */
	size_t page; /* the last one that anything was read of */
	size_t unfinished; /* the last page that named a next one */
};

/* The members of answers, and what an object that stands alone is known by. */
static const struct variant {
	enum import_kind kind;
	const struct glue_shape *shape;
	const char *list, *one; /* members of a page */
	const char *mark; /* a member that only this has */
} variants[] = {
	{IMPORT_PARTITION, &glue_partition, "Partitions", "Partition", "Values"},
	{IMPORT_FUNCTION, &glue_function, "UserDefinedFunctions", "UserDefinedFunction",
		"FunctionName"},
	{IMPORT_STATISTICS, &glue_statistics, "ColumnStatisticsList", NULL, "ColumnName"},
	{IMPORT_TABLE, &glue_table, "TableList", "Table", "DatabaseName"},
	{IMPORT_DATABASE, &glue_database, "DatabaseList", "Database", "Name"},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

/* Of a page, and of no interest: what remains of the call. */
static const char *const wrapping[] = {
	"NextToken", "ResponseMetadata", "Errors", "UnprocessedKeys", "ScannedPartitions"};

static bool is_wrapping(struct text key)
{
	for (size_t i = 0; i < sizeof wrapping / sizeof *wrapping; i++) {
		if (text_equal(key, text_of(wrapping[i])))
			return true;
	}
	return false;
}

static const struct variant *variant_of_member(struct text member)
{
	for (size_t i = 0; i < VARIANTS; i++) {
		if (text_equal(member, text_of(variants[i].list)) ||
			(variants[i].one && text_equal(member, text_of(variants[i].one))))
			return &variants[i];
	}
	return NULL;
}

static const struct variant *variant_of_node(const struct node *node)
{
	for (size_t i = 0; node->kind == NODE_OBJECT && i < VARIANTS; i++) {
		for (size_t m = 0; m < node->count; m++) {
			if (text_equal(node->items[m].key, text_of(variants[i].mark)))
				return &variants[i];
		}
	}
	return NULL;
}

static bool is_page(struct text key)
{
	return is_wrapping(key) || variant_of_member(key);
}

struct glue *glue_new(struct byte_source source)
{
	struct glue *glue = memory_new(sizeof *glue);
	glue->items = json_items_new(source, is_page);
	glue->nodes = arena_new();
	return glue;
}

void glue_free(struct glue *glue)
{
	if (!glue)
		return;
	json_items_free(glue->items);
	arena_free(glue->nodes);
	free(glue);
}

/* Which kind it is is only known where the file says it or the item shows it. */
static enum status read_item(struct glue *glue, const struct json_item *json,
	const struct variant *variant, struct arena *arena, struct import_notes *notes,
	struct import_item *item, struct error *err)
{
	struct node root = {0};
	struct glue_bound bound = {NULL, (char[]){""}, (char[]){""}};
	TRY(json_tree(json->json, glue->nodes, &root, err));
	if (!variant)
		variant = variant_of_node(&root);
	if (!variant)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"this is no database, table, partition, function or statistics of Glue");
	item->kind = variant->kind;
	TRY(glue_bind(variant->shape, &root, arena, notes, &bound, err));
	item->in_database = arena_text(arena, text_of(bound.database));
	item->in_table = arena_text(arena, text_of(bound.table));
	/* One member of the union stands for all. */
	item->table = (Tenon__V1__Table *)(void *)bound.message;
	fit_item(item, arena, notes);
	return STATUS_OK;
}

static void see_wrapping(
	struct glue *glue, const struct json_item *json, struct import_notes *notes)
{
	bool says = json->json.length > 2 && !text_equal(json->json, TEXT("null"));
	if (says && text_equal(json->member, TEXT("NextToken")))
		glue->unfinished = json->page;
	else if (says && json->listed)
		import_note(notes, IMPORT_LEFT_OUT, "Errors",
			"the page lists what Glue could not answer");
}

static void note_member(struct text member, struct import_notes *notes)
{
	char what[128];
	(void)snprintf(what, sizeof what, "%.*s", TEXT_ARG(text_until(member, sizeof what - 1)));
	import_note(notes, IMPORT_LEFT_OUT, what, "");
}

/* The next item that is one of ours, as JSON. */
static enum status next_json(struct glue *glue, struct import_notes *notes,
	struct json_item *json_out, bool *found_out, struct error *err)
{
	for (;;) {
		TRY(json_items_next(glue->items, json_out, found_out, err));
		if (!*found_out)
			break;
		glue->page = json_out->page;
		if (is_wrapping(json_out->member))
			see_wrapping(glue, json_out, notes);
		else if (json_out->member.length && !variant_of_member(json_out->member))
			note_member(json_out->member, notes);
		else
			return STATUS_OK;
	}
	if (glue->unfinished && glue->unfinished == glue->page)
		import_note(notes, IMPORT_LEFT_OUT, "NextToken",
			"the last page says that more follow: give those, too");
	glue->unfinished = 0;
	return STATUS_OK;
}

enum status glue_next(struct glue *glue, struct arena *arena, struct import_notes *notes,
	struct import_item *item_out, bool *found_out, struct error *err)
{
	struct json_item json = {.line = 0};
	TRY(next_json(glue, notes, &json, found_out, err));
	if (!*found_out)
		return STATUS_OK;
	arena_reset(glue->nodes);
	const struct variant *variant = variant_of_member(json.member);
	*item_out = (struct import_item){
		.line = json.line, .kind = variant ? variant->kind : IMPORT_KINDS_};
	enum status status =
		read_item(glue, &json, variant, arena, notes, item_out, &item_out->why);
	item_out->why.status = status;
	return STATUS_OK;
}

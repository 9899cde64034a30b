#include "imports/ddl.h"

#include "base/memory.h"
#include "imports/ddl_cut.h"
#include "imports/ddl_parser.h"
#include "imports/fit.h"
#include "proto/wire.h"

#include <stdlib.h>

struct ddl {
	struct ddl_cut *cut;
	struct arena *arena; /* of one statement */
	struct arena *kept; /* of the whole text: the name of USE */
	char *database;
	struct import_item *items; /* of the statement at hand */
	size_t at, count;
};

struct ddl *ddl_new(struct byte_source source)
{
	struct ddl *ddl = memory_new(sizeof *ddl);
	ddl->cut = ddl_cut_new(source);
	ddl->arena = arena_new();
	ddl->kept = arena_new();
	ddl->database = arena_text(ddl->kept, TEXT(""));
	return ddl;
}

void ddl_free(struct ddl *ddl)
{
	if (!ddl)
		return;
	ddl_cut_free(ddl->cut);
	arena_free(ddl->arena);
	arena_free(ddl->kept);
	free(ddl);
}

/* The statement as items: those that it says, or one that says what is wrong. */
static void read_statement(
	struct ddl *ddl, const struct ddl_statement *statement, struct import_notes *notes)
{
	struct error why = {.status = STATUS_OK};
	struct ddl_parser parser = {
		.lexer = {statement->text, 0, statement->line, statement->column, ddl->arena},
		.arena = ddl->arena,
		.notes = notes,
		.err = &why,
		.database = ddl->database,
	};
	enum status status = STATUS_OK;
	if (!text_is_utf8(statement->text)) {
		parser.token.line = statement->line;
		parser.token.column = statement->column;
		status = fail(&why, STATUS_INVALID_ARGUMENT, "the statement is not UTF-8");
	} else {
		ddl_advance(&parser);
		status = ddl_statement(&parser);
	}
	if (status != STATUS_OK) {
		enum import_kind kind = parser.count ? parser.items[0].kind : IMPORT_KINDS_;
		parser.count = 0;
		struct import_item *item = ddl_item(&parser, kind);
		item->why = why;
		item->why.status = status;
	}
	if (parser.database != ddl->database) {
		struct arena *kept = arena_new();
		char *name = arena_text(kept, text_of(parser.database));
		arena_free(ddl->kept);
		ddl->kept = kept;
		ddl->database = name;
	}
	ddl->items = parser.items;
	ddl->count = parser.count;
	ddl->at = 0;
}

/* The statement's memory goes with it: the item is the caller's. */
static void hand_out(struct ddl *ddl, struct arena *arena, struct import_notes *notes,
	struct import_item *item_out)
{
	struct import_item *item = &ddl->items[ddl->at++];
	*item_out = *item;
	if (item->why.status != STATUS_OK)
		return;
	item_out->table = wire_copy(arena, &item->table->base);
	item_out->in_database =
		arena_text(arena, text_of(item->in_database ? item->in_database : ""));
	item_out->in_table = arena_text(arena, text_of(item->in_table ? item->in_table : ""));
	if (item->kind == IMPORT_PARTITION) {
		item_out->in_keys =
			arena_array(arena, item->partition->n_values, sizeof *item_out->in_keys);
		for (size_t i = 0; i < item->partition->n_values; i++)
			item_out->in_keys[i] = arena_text(arena, text_of(item->in_keys[i]));
	}
	fit_item(item_out, arena, notes);
}

enum status ddl_next(struct ddl *ddl, struct arena *arena, struct import_notes *notes,
	struct import_item *item_out, bool *found_out, struct error *err)
{
	while (ddl->at == ddl->count) {
		struct ddl_statement statement;
		TRY(ddl_cut_next(ddl->cut, &statement, found_out, err));
		if (!*found_out)
			return STATUS_OK;
		arena_reset(ddl->arena);
		read_statement(ddl, &statement, notes);
	}
	*found_out = true;
	hand_out(ddl, arena, notes, item_out);
	return STATUS_OK;
}

#pragma once

#include "base/buffer.h"
#include "imports/ddl_lexer.h"
#include "imports/item.h"
#include "imports/notes.h"

/* Inside of reading DDL: one statement, by recursive descent. The token at hand is looked
 * at, and taken. A refusal says what was expected, what stands there, and where. */
struct ddl_parser {
	struct ddl_lexer lexer;
	struct ddl_token token;
	size_t taken; /* where the token before this one ends */
	struct arena *arena; /* of the statement */
	struct import_notes *notes;
	struct error *err;
	enum status broken; /* a token that is none: an end from there on */
	char *database; /* of the last USE; empty: none */
	struct import_item *items; /* what the statement says */
	size_t count, room;
};

void ddl_advance(struct ddl_parser *parser);
bool ddl_at_word(const struct ddl_parser *parser, const char *word);
bool ddl_at_symbol(const struct ddl_parser *parser, char symbol);
bool ddl_take_word(struct ddl_parser *parser, const char *word);
bool ddl_take_symbol(struct ddl_parser *parser, char symbol);
/* "expected WHAT, found 'x'"; its place is the token's. */
enum status ddl_refuse(struct ddl_parser *parser, const char *what);
enum status ddl_expect_word(struct ddl_parser *parser, const char *word) MUST_USE;
enum status ddl_expect_symbol(struct ddl_parser *parser, char symbol) MUST_USE;
enum status ddl_string(struct ddl_parser *parser, char **text_out) MUST_USE;
enum status ddl_name(struct ddl_parser *parser, char **name_out) MUST_USE;
enum status ddl_number(struct ddl_parser *parser, int32_t *number_out) MUST_USE;
/* IF NOT EXISTS */
enum status ddl_if_not_exists(struct ddl_parser *parser) MUST_USE;
/* db.name, `db`.`name`, `db.name` as Athena writes it, catalog.db.name; without a
 * database the one of USE, or an empty one. */
enum status ddl_full_name(struct ddl_parser *parser, char **database_out, char **name_out) MUST_USE;
/* ( name, ... ) */
enum status ddl_names(struct ddl_parser *parser, char ***names_out, size_t *count_out) MUST_USE;
/* What is written from here to a ',' or ')' that closes nothing, or the end. */
struct text ddl_raw(struct ddl_parser *parser);
/* The statement's text between two places, without space around it. */
struct text ddl_between(const struct ddl_parser *parser, size_t from, size_t to);

/* ( 'key' = 'value', ... ); in Spark's OPTIONS the '=' may be missing, keys are names. */
struct ddl_pairs {
	struct ddl_pair {
		char *key, *value;
	} * at;
	size_t count, room;
};
enum status ddl_read_pairs(struct ddl_parser *parser, struct ddl_pairs *pairs) MUST_USE;
void ddl_pair_add(
	struct ddl_parser *parser, struct ddl_pairs *pairs, const char *key, const char *value);
const char *ddl_pair_find(const struct ddl_pairs *pairs, const char *key); /* in any letters */

/* A type as schema/notation.h writes it, or as near as it gets. */
enum status ddl_type(struct ddl_parser *parser, char **type_out) MUST_USE;

/* ( name type COMMENT '...', ... ); `raw`, which the caller makes, gathers constraints of
 * the table. */
struct ddl_columns {
	Tenon__V1__Column **at;
	size_t count, room;
	struct buffer raw; /* joined by ", " */
};
enum status ddl_read_columns(struct ddl_parser *parser, struct ddl_columns *columns) MUST_USE;

struct import_item *ddl_item(struct ddl_parser *parser, enum import_kind kind);

/* Statements, from behind the words that told what they are. */
enum status ddl_create_table(struct ddl_parser *parser, bool external) MUST_USE;
enum status ddl_create_view(struct ddl_parser *parser, bool materialized) MUST_USE;
enum status ddl_create_database(struct ddl_parser *parser) MUST_USE;
enum status ddl_create_function(struct ddl_parser *parser) MUST_USE;
enum status ddl_alter_table(struct ddl_parser *parser) MUST_USE;
enum status ddl_statement(struct ddl_parser *parser) MUST_USE;

/* Maps of messages are of as many types as there are maps. */
#define DDL_SET_MAP(parser, message, field, ENTRY, INIT, pairs)                                 \
	do {                                                                                    \
		(message)->field =                                                              \
			arena_array((parser)->arena, (pairs)->count, sizeof *(message)->field); \
		for (size_t i_ = 0; i_ < (pairs)->count; i_++) {                                \
			ENTRY *entry_ = arena_alloc((parser)->arena, sizeof *entry_);           \
			*entry_ = (ENTRY)INIT;                                                  \
			entry_->key = (pairs)->at[i_].key;                                      \
			entry_->value = (pairs)->at[i_].value;                                  \
			(message)->field[(message)->n_##field++] = entry_;                      \
		}                                                                               \
	} while (0)

#include "imports/ddl_parser.h"

#include "base/limits.h"
#include "base/memory.h"

/* The columns in a table's or view's parentheses. Constraints and defaults, which Tenon
 * does not know, are kept as they are written: of a column as its parameter
 * "hive.constraint", of the table in `raw`. */

static char key_constraint[] = "hive.constraint";

static bool at_constraint(const struct ddl_parser *parser)
{
	return ddl_at_word(parser, "CONSTRAINT") || ddl_at_word(parser, "PRIMARY") ||
	       ddl_at_word(parser, "FOREIGN") || ddl_at_word(parser, "UNIQUE") ||
	       ddl_at_word(parser, "CHECK");
}

static bool at_column_end(const struct ddl_parser *parser)
{
	return ddl_at_symbol(parser, ',') || ddl_at_symbol(parser, ')') ||
	       parser->token.kind == DDL_END;
}

/* What follows a column's type: COMMENT, and what is written around it. */
static enum status read_tail(struct ddl_parser *parser, Tenon__V1__Column *column)
{
	struct buffer SCOPED_BUFFER constraint;
	buffer_init(&constraint, LIMIT_PARAMETER_VALUE_BYTES);
	while (!at_column_end(parser)) {
		if (ddl_take_word(parser, "COMMENT")) {
			TRY(ddl_string(parser, &column->comment));
			continue;
		}
		size_t from = parser->token.from;
		size_t depth = 0;
		while (parser->token.kind != DDL_END && !ddl_at_word(parser, "COMMENT") &&
			(depth || !at_column_end(parser))) {
			depth += ddl_at_symbol(parser, '(');
			depth -= depth && ddl_at_symbol(parser, ')');
			ddl_advance(parser);
		}
		if (constraint.length)
			buffer_add_byte(&constraint, ' ');
		buffer_add_text(&constraint, ddl_between(parser, from, parser->taken));
	}
	TRY(buffer_check(&constraint, "the column's constraint", parser->err));
	if (!constraint.length)
		return STATUS_OK;
	struct ddl_pairs pairs = {0};
	ddl_pair_add(parser, &pairs, key_constraint,
		arena_text(parser->arena, buffer_text(&constraint)));
	DDL_SET_MAP(parser, column, parameters, Tenon__V1__Column__ParametersEntry,
		TENON__V1__COLUMN__PARAMETERS_ENTRY__INIT, &pairs);
	import_note(parser->notes, IMPORT_KEPT, "constraints and defaults of columns",
		"as column parameter 'hive.constraint'");
	return STATUS_OK;
}

static enum status read_column(struct ddl_parser *parser, struct ddl_columns *columns)
{
	if (columns->count == LIMIT_COLUMNS)
		return fail(parser->err, STATUS_RESOURCE_EXHAUSTED, "more than %d columns",
			LIMIT_COLUMNS);
	Tenon__V1__Column *column = arena_alloc(parser->arena, sizeof *column);
	*column = (Tenon__V1__Column)TENON__V1__COLUMN__INIT;
	TRY(ddl_name(parser, &column->name));
	if (!at_column_end(parser) && !ddl_at_word(parser, "COMMENT"))
		TRY(ddl_type(parser, &column->type));
	TRY(read_tail(parser, column));
	if (columns->count == columns->room) {
		size_t room = memory_grown(columns->room, columns->count + 1);
		columns->at = arena_grow(
			parser->arena, columns->at, columns->count, room, sizeof *columns->at);
		columns->room = room;
	}
	columns->at[columns->count++] = column;
	return STATUS_OK;
}

enum status ddl_read_columns(struct ddl_parser *parser, struct ddl_columns *columns)
{
	TRY(ddl_expect_symbol(parser, '('));
	if (ddl_take_symbol(parser, ')'))
		return STATUS_OK;
	do {
		if (!at_constraint(parser)) {
			TRY(read_column(parser, columns));
			continue;
		}
		if (columns->raw.length)
			buffer_add_string(&columns->raw, ", ");
		buffer_add_text(&columns->raw, ddl_raw(parser));
	} while (ddl_take_symbol(parser, ','));
	TRY(buffer_check(&columns->raw, "the table's constraints", parser->err));
	return ddl_take_symbol(parser, ')') ? STATUS_OK : ddl_refuse(parser, "',' or ')'");
}

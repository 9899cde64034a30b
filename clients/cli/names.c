#include "clients/cli/names.h"

#include "tenon/v1/catalog.pb-c.h"

#include <string.h>

static bool is_mark(char byte)
{
	return byte == '`' || byte == '"';
}

/* Takes the first part off `rest`: what is in its marks, or all before the next point.
 * False when the marks do not close. */
static bool part_take(struct cli *cli, struct text *rest, char **part_out)
{
	if (rest->length == 0 || !is_mark(rest->at[0])) {
		struct text part = text_until(*rest, text_find(*rest, '.'));
		*part_out = arena_text(cli->arena, part);
		*rest = text_from(*rest, part.length);
		return true;
	}
	char mark = rest->at[0];
	char *end = arena_alloc(cli->arena, rest->length);
	*part_out = end;
	for (size_t i = 1; i < rest->length; i++) {
		bool twice = i + 1 < rest->length && rest->at[i + 1] == mark;
		if (rest->at[i] == mark && !twice) {
			*end = 0;
			*rest = text_from(*rest, i + 1);
			return true;
		}
		i += rest->at[i] == mark;
		*end++ = rest->at[i];
	}
	return false;
}

static enum status misnamed(struct cli *cli, const char *text, const char *form, struct error *err)
{
	bool pointed = strpbrk(text, ".`\"");
	return cli_usage(cli, err, "a table is named %s, not '%s'%s", form, text,
		pointed ? "; a name that has a point stands in backquotes: '`my.db`.orders'" : "");
}

enum status cli_place(
	struct cli *cli, const char *text, char **database_out, char **table_out, struct error *err)
{
	static const char form[] = "DB or DB.TABLE";
	struct text rest = text_of(text);
	char *database = NULL;
	char *table = NULL;
	if (!part_take(cli, &rest, &database) || !*database)
		return misnamed(cli, text, form, err);
	if (rest.length == 0) {
		*database_out = database;
		*table_out = arena_text(cli->arena, TEXT(""));
		return STATUS_OK;
	}
	struct text behind = text_from(rest, 1);
	bool bare = behind.length && !is_mark(behind.at[0]);
	if (rest.at[0] != '.' || behind.length == 0)
		return misnamed(cli, text, form, err);
	rest = behind;
	/* Behind the first point a bare name goes on to the end. */
	if (!bare && (!part_take(cli, &rest, &table) || rest.length || !*table))
		return misnamed(cli, text, form, err);
	if (bare && text_find(behind, '.') < behind.length)
		cli->ambiguous = text;
	*database_out = database;
	*table_out = bare ? arena_text(cli->arena, behind) : table;
	return STATUS_OK;
}

enum status cli_table_name(
	struct cli *cli, const char *text, char **database_out, char **name_out, struct error *err)
{
	char *database = NULL;
	char *table = arena_text(cli->arena, TEXT(""));
	if (cli_place(cli, text, &database, &table, err) != STATUS_OK || !*table)
		return misnamed(cli, text, "DB.TABLE", err);
	*database_out = database;
	*name_out = table;
	return STATUS_OK;
}

/* In backquotes where it would be read otherwise. */
static const char *part_text(struct arena *arena, const char *part, bool first)
{
	if (!is_mark(part[0]) && !(first && strchr(part, '.')))
		return part;
	char *made = arena_alloc(arena, 2 * strlen(part) + 3);
	char *end = made;
	*end++ = '`';
	for (; *part; part++) {
		if (*part == '`')
			*end++ = '`';
		*end++ = *part;
	}
	*end++ = '`';
	*end = 0;
	return made;
}

const char *place_text(struct arena *arena, const char *database, const char *table)
{
	const char *first = part_text(arena, database, true);
	return table[0] ? arena_printf(arena, "%s.%s", first, part_text(arena, table, false))
			: first;
}

enum status cli_place_exists(
	struct cli *cli, const char *database, const char *table, struct error *err)
{
	const ProtobufCServiceDescriptor *catalog = &tenon__v1__catalog__descriptor;
	Tenon__V1__GetTableRequest of_table = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetDatabaseRequest of_database = TENON__V1__GET_DATABASE_REQUEST__INIT;
	void *response = NULL;
	enum status status;
	of_database.name = arena_text(cli->arena, text_of(database));
	of_table.database = of_database.name;
	of_table.name = arena_text(cli->arena, text_of(table));
	if (table[0])
		status = cli_call(cli, catalog, "GetTable", &of_table.base, &response, err);
	else
		status = cli_call(cli, catalog, "GetDatabase", &of_database.base, &response, err);
	return status == STATUS_NOT_FOUND ? status : STATUS_OK;
}

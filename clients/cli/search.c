#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"

static void add_filter(struct cli *cli, Tenon__V1__SearchTablesRequest *request, const char *key,
	const char *value)
{
	if (!value)
		return;
	Tenon__V1__SearchFilter *filter = arena_alloc(cli->arena, sizeof *filter);
	tenon__v1__search_filter__init(filter);
	filter->key = arena_text(cli->arena, text_of(key));
	filter->value = arena_text(cli->arena, text_of(value));
	request->filters[request->n_filters++] = filter;
}

/* The words as one query; a word that holds spaces was quoted in the shell. */
static char *query_of(struct arena *arena, const struct options *options)
{
	char *query = arena_text(arena, TEXT(""));
	for (size_t i = 0; i < options->count; i++) {
		const char *word = options->arguments[i];
		bool phrase = strchr(word, ' ') && !strchr(word, '"');
		const char *quote = phrase ? "\"" : "";
		query = arena_printf(arena, "%s%s%s%s%s", query, i ? " " : "", quote, word, quote);
	}
	return query;
}

static void render_hit(struct screen *screen, const Tenon__V1__SearchHit *hit)
{
	if (!hit->table)
		return;
	screen_text(screen, PAINT_BOLD,
		place_text(screen->arena, hit->table->database, hit->table->name));
	screen_text(screen, PAINT_NONE, "\n");
	for (size_t i = 0; i < hit->n_matches; i++) {
		const Tenon__V1__SearchMatch *match = hit->matches[i];
		bool named = match->path[0] && strcmp(match->path, match->text) != 0;
		screen_text(
			screen, PAINT_DIM, arena_printf(screen->arena, "  %-12s", match->field));
		screen_text(screen, PAINT_NONE,
			arena_printf(screen->arena, "%s%s%s\n", named ? match->path : "",
				named ? ": " : "", match->text));
	}
}

static enum status run_search(struct cli *cli, const struct options *options, struct error *err)
{
	enum { FILTERS = 3 };
	struct cli_list list = {0};
	bool truncated = false;
	Tenon__V1__SearchFilter *filters[FILTERS];
	Tenon__V1__SearchTablesRequest request = TENON__V1__SEARCH_TABLES_REQUEST__INIT;
	request.query = query_of(cli->arena, options);
	request.filters = filters;
	add_filter(cli, &request, "column", options_value(options, "--column"));
	add_filter(cli, &request, "type", options_value(options, "--type"));
	add_filter(cli, &request, "database", options_value(options, "--database"));
	if (!options->count && !request.n_filters)
		return cli_usage(cli, err, "search for what? 'tenon tables' lists all");
	do {
		Tenon__V1__SearchTablesResponse *page = NULL;
		TRY(cli_call(cli, &tenon__v1__catalog__descriptor, "SearchTables", &request.base,
			&page, err));
		cli_list_add(cli, &list, page->hits, page->n_hits);
		truncated = truncated || page->truncated;
		request.page_token = page->next_page_token;
	} while (request.page_token[0]);
	if (cli->json)
		return cli_json_list(cli, &list, err);
	for (size_t i = 0; i < list.count; i++)
		render_hit(&cli->screen, (const Tenon__V1__SearchHit *)list.items[i]);
	if (list.count == 0)
		screen_text(&cli->screen, PAINT_NONE, "No table has all of that\n");
	if (truncated)
		screen_text(&cli->screen, PAINT_YELLOW, "There is more: narrow the search\n");
	return STATUS_OK;
}

static const struct flag search_flags[] = {
	{"--column", 0, "WORDS", "a column's name has these words"},
	{"--type", 0, "WORDS", "a column's type has these words; with --column, of that column"},
	{"--database", 0, "DB", "only in this database"},
	{NULL, 0, NULL, NULL},
};

enum { WORDS_MAX = LIMIT_SEARCH_TERMS };

static const struct command rows[] = {
	{"search", "[WORDS...]", "Tables by words of their names, columns, comments, parameters",
		"All the words must be there: a word is a run of letters and digits, so 'link'\n"
		"finds customer-link and not xxlinkyy. 'cust*' is any word that begins so; words\n"
		"in quotes stand one after the other.\n"
		"\n"
		"  tenon search customer 'order date'\n"
		"  tenon search 'cust*' --type decimal --database sales\n"
		"  tenon search --column magnitude --json | jq -r '.[].table.name'\n",
		search_flags, 0, WORDS_MAX, see_databases, run_search},
};

const struct commands search_commands = COMMANDS(rows);

#include "clients/cli/feed_filter.h"

#include <string.h>

enum status feed_filter_read(struct cli *cli, const struct options *options, size_t place,
	Tenon__V1__WatchRequest *filter, struct error *err)
{
	struct arena *arena = cli->arena;
	const char *after = options_value(options, "--after");
	const char *severity = options_value(options, "--severity");
	const char *where = options->count > place ? options->arguments[place] : NULL;
	if (where && strchr(where, '.'))
		TRY(cli_table_name(cli, where, &filter->database, &filter->table, err));
	else if (where)
		filter->database = arena_text(arena, text_of(where));
	if (after)
		TRY(cli_number(cli, "--after", after, &filter->after, err));
	if (severity)
		filter->severity = arena_text(arena, text_of(severity));
	filter->kinds = arena_array(arena, options->set_count + 1, sizeof *filter->kinds);
	const char *kind;
	while ((kind = options_nth(options, "--kind", filter->n_kinds)))
		filter->kinds[filter->n_kinds++] = arena_text(arena, text_of(kind));
	return STATUS_OK;
}

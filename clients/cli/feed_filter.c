#include "clients/cli/feed_filter.h"

#include "clients/cli/names.h"

enum status feed_filter_read(struct cli *cli, const struct options *options, size_t place,
	Tenon__V1__WatchRequest *filter, struct error *err)
{
	struct arena *arena = cli->arena;
	const char *after = options_value(options, "--after");
	const char *severity = options_value(options, "--severity");
	const char *where = options->count > place ? options->arguments[place] : NULL;
	if (where)
		TRY(cli_place(cli, where, &filter->database, &filter->table, err));
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

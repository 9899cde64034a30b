#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "clients/cli/names.h"
#include "tenon/v1/tags.pb-c.h"

#include <string.h>

#define TAGS &tenon__v1__tags__descriptor

/* DB or DB.TABLE, as tables are named elsewhere; or KIND/PATH, as it is. */
static enum status resource_name(
	struct cli *cli, const char *typed, char **resource_out, struct error *err)
{
	char *database;
	char *table;
	if (strchr(typed, '/')) {
		*resource_out = arena_text(cli->arena, text_of(typed));
		return STATUS_OK;
	}
	TRY(cli_place(cli, typed, &database, &table, err));
	*resource_out = table[0] ? arena_printf(cli->arena, "table/%s/%s", database, table)
				 : arena_printf(cli->arena, "database/%s", database);
	return STATUS_OK;
}

static enum status run_tags(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {
		{.title = "TAG"}, {.title = "VALUE", .elastic = true}};
	Tenon__V1__GetTagsRequest request = TENON__V1__GET_TAGS_REQUEST__INIT;
	Tenon__V1__GetTagsResponse *response = NULL;
	TRY(resource_name(cli, options->arguments[0], &request.resource, err));
	TRY(cli_call(cli, TAGS, "GetTags", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	struct grid *grid = grid_new(&cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < response->n_tags; i++) {
		grid_cell(grid, response->tags[i]->key);
		grid_cell(grid, response->tags[i]->value);
	}
	if (response->n_tags)
		grid_draw(grid, "");
	else
		screen_printf(
			&cli->screen, PAINT_NONE, "'%s' has no tags\n", options->arguments[0]);
	return STATUS_OK;
}

static enum status run_tag(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__TagResourceRequest request = TENON__V1__TAG_RESOURCE_REQUEST__INIT;
	Tenon__V1__TagResourceResponse *response = NULL;
	TRY(resource_name(cli, options->arguments[0], &request.resource, err));
	request.tags = arena_array(cli->arena, options->count, sizeof *request.tags);
	for (size_t i = 1; i < options->count; i++) {
		struct text word = text_of(options->arguments[i]);
		size_t equals = text_find(word, '=');
		if (equals == 0 || equals == word.length)
			return cli_usage(
				cli, err, "tag '%s': give KEY=VALUE", options->arguments[i]);
		Tenon__V1__TagResourceRequest__TagsEntry *tag =
			arena_alloc(cli->arena, sizeof *tag);
		tenon__v1__tag_resource_request__tags_entry__init(tag);
		tag->key = arena_text(cli->arena, text_until(word, equals));
		tag->value = arena_text(cli->arena, text_from(word, equals + 1));
		request.tags[request.n_tags++] = tag;
	}
	TRY(cli_call(cli, TAGS, "TagResource", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "'%s' has %s\n", options->arguments[0],
		human_things(cli->arena, response->n_tags, "tag"));
	return STATUS_OK;
}

static enum status run_untag(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__UntagResourceRequest request = TENON__V1__UNTAG_RESOURCE_REQUEST__INIT;
	Tenon__V1__UntagResourceResponse *response = NULL;
	TRY(resource_name(cli, options->arguments[0], &request.resource, err));
	request.keys = arena_array(cli->arena, options->count, sizeof *request.keys);
	for (size_t i = 1; i < options->count; i++)
		request.keys[request.n_keys++] =
			arena_text(cli->arena, text_of(options->arguments[i]));
	TRY(cli_call(cli, TAGS, "UntagResource", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "'%s' has %s\n", options->arguments[0],
		human_things(cli->arena, response->n_tags, "tag"));
	return STATUS_OK;
}

enum { TAGS_MAX = 50 }; /* the daemon's limit for one resource */

static const char help_tag[] =
	"A resource is DB or DB.TABLE; or job/J, connection/C, registry/R, schema/R/S (and\n"
	"database/D, table/D/T).\n"
	"\n"
	"  tenon tag sales.orders owner=shop pii=no\n"
	"  tenon tag job/daily team=a\n";

static const struct command rows[] = {
	{"tags", "RESOURCE", "The tags of a database, a table or anything else with a name",
		"  tenon tags sales.orders\n  tenon tags job/daily\n", no_flags, 1, 1, see_tables,
		run_tags},
	{"tag", "RESOURCE KEY=VALUE...", "Add or replace tags", help_tag, no_flags, 2, 1 + TAGS_MAX,
		see_tables, run_tag},
	{"untag", "RESOURCE KEY...", "Remove tags", "  tenon untag sales.orders pii\n", no_flags, 2,
		1 + TAGS_MAX, see_tables, run_untag},
};

const struct commands tag_commands = COMMANDS(rows);

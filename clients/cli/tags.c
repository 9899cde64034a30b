#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "tenon/v1/tags.pb-c.h"

#define TAGS &tenon__v1__tags__descriptor

static enum status run_tags(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {
		{.title = "TAG"}, {.title = "VALUE", .elastic = true}};
	Tenon__V1__GetTagsRequest request = TENON__V1__GET_TAGS_REQUEST__INIT;
	Tenon__V1__GetTagsResponse *response = NULL;
	request.resource = arena_text(cli->arena, text_of(options->arguments[0]));
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
		screen_printf(&cli->screen, PAINT_NONE, "'%s' has no tags\n", request.resource);
	return STATUS_OK;
}

static enum status run_tag(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__TagResourceRequest request = TENON__V1__TAG_RESOURCE_REQUEST__INIT;
	Tenon__V1__TagResourceResponse *response = NULL;
	request.resource = arena_text(cli->arena, text_of(options->arguments[0]));
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
	screen_printf(&cli->screen, PAINT_NONE, "'%s' has %s\n", request.resource,
		human_things(cli->arena, response->n_tags, "tag"));
	return STATUS_OK;
}

static enum status run_untag(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__UntagResourceRequest request = TENON__V1__UNTAG_RESOURCE_REQUEST__INIT;
	Tenon__V1__UntagResourceResponse *response = NULL;
	request.resource = arena_text(cli->arena, text_of(options->arguments[0]));
	request.keys = arena_array(cli->arena, options->count, sizeof *request.keys);
	for (size_t i = 1; i < options->count; i++)
		request.keys[request.n_keys++] =
			arena_text(cli->arena, text_of(options->arguments[i]));
	TRY(cli_call(cli, TAGS, "UntagResource", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "'%s' has %s\n", request.resource,
		human_things(cli->arena, response->n_tags, "tag"));
	return STATUS_OK;
}

enum { TAGS_MAX = 50 }; /* the daemon's limit for one resource */

static const char help_tag[] =
	"A resource is database/D, table/D/T, job/J, connection/C, registry/R or schema/R/S.\n"
	"\n"
	"  tenon tag table/sales/orders owner=shop pii=no\n";

static const struct command rows[] = {
	{"tags", "RESOURCE", "The tags of a database, a table or anything else with a name",
		"  tenon tags table/sales/orders\n", no_flags, 1, 1, NULL, run_tags},
	{"tag", "RESOURCE KEY=VALUE...", "Add or replace tags", help_tag, no_flags, 2, 1 + TAGS_MAX,
		NULL, run_tag},
	{"untag", "RESOURCE KEY...", "Remove tags", "  tenon untag table/sales/orders pii\n",
		no_flags, 2, 1 + TAGS_MAX, NULL, run_untag},
};

const struct commands tag_commands = COMMANDS(rows);

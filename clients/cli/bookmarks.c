#include "clients/cli/command.h"
#include "clients/cli/render.h"

#define JOBS &tenon__v1__jobs__descriptor

/* Only the bookmark and files of one source; the wire has no filter for it. */
static void keep_context(Tenon__V1__GetBookmarkResponse *response, const char *context)
{
	size_t kept = 0;
	for (size_t i = 0; i < response->n_bookmarks; i++) {
		if (strcmp(response->bookmarks[i]->context, context) == 0)
			response->bookmarks[kept++] = response->bookmarks[i];
	}
	response->n_bookmarks = kept;
}

static enum status run_bookmark_show(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetBookmarkRequest request = TENON__V1__GET_BOOKMARK_REQUEST__INIT;
	Tenon__V1__GetBookmarkResponse *response = NULL;
	const char *context = options_value(options, "--context");
	request.job = arena_text(cli->arena, text_of(options->arguments[0]));
	request.with_files = options_has(options, "--files");
	TRY(cli_call(cli, JOBS, "GetBookmark", &request.base, &response, err));
	if (context)
		keep_context(response, context);
	if (cli->json)
		return cli_json(cli, &response->base, err);
	render_bookmarks(&cli->screen, response, request.with_files);
	return STATUS_OK;
}

static enum status run_bookmark_reset(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__ResetBookmarkRequest request = TENON__V1__RESET_BOOKMARK_REQUEST__INIT;
	Tenon__V1__ResetBookmarkResponse *response = NULL;
	const char *context = options_value(options, "--context");
	request.job = arena_text(cli->arena, text_of(options->arguments[0]));
	if (context)
		request.context = arena_text(cli->arena, text_of(context));
	TRY(cli_call(cli, JOBS, "ResetBookmark", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE,
		"%s forgotten: the next run of '%s' reads everything; what it wrote stays\n",
		human_things(cli->arena, response->files_forgotten, "file"), request.job);
	return STATUS_OK;
}

static const struct flag bookmark_show_flags[] = {
	{"--context", 0, "SOURCE", "of one source node"},
	{"--files", 0, NULL, "with the files that were read"},
	{NULL, 0, NULL, NULL},
};
static const struct flag bookmark_reset_flags[] = {
	{"--context", 0, "SOURCE", "of one source node"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"bookmark show", "JOB", "What a job has read",
		"  tenon bookmark show daily\n"
		"  tenon bookmark show daily --files\n",
		bookmark_show_flags, 1, 1, see_jobs, run_bookmark_show},
	{"bookmark reset", "JOB", "Forget what a job has read: its next run reads everything",
		"What earlier runs wrote stays, so a target would hold those rows twice.\n"
		"\n"
		"  tenon bookmark reset daily\n",
		bookmark_reset_flags, 1, 1, see_jobs, run_bookmark_reset},
};

const struct commands bookmark_commands = COMMANDS(rows);

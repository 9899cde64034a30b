#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/render.h"
#include "clients/cli/worker.h"
#include "proto/json.h"

enum { DETAILED_MOST = 3 };

static enum status run_infer(struct cli *cli, const struct options *options, struct error *err)
{
	const char **arguments = arena_array(cli->arena, options->count + 5, sizeof *arguments);
	size_t count = 0;
	bool each = options_has(options, "--each");
	arguments[count++] = "infer";
	arguments[count++] = "--json";
	if (each)
		arguments[count++] = "--each";
	for (size_t i = 0; i < options->count; i++) {
		const char *path = options->arguments[i];
		/* A path is not an option there. */
		arguments[count++] = path[0] == '-' ? arena_printf(cli->arena, "./%s", path) : path;
	}

	struct buffer SCOPED_BUFFER said;
	buffer_init(&said, LIMIT_MESSAGE_BYTES);
	TRY(worker_run(cli, arguments, &said, err));
	TRY(buffer_check(&said, "tenon-worker's answer", err));
	if (said.length == 0 && cli->failed)
		return STATUS_OK; /* it said why */
	Tenon__V1__InferResponse *response = NULL;
	if (json_parse(buffer_text(&said), &tenon__v1__infer_response__descriptor, cli->arena,
		    &response, err))
		return fail_within(err, "tenon-worker's answer");
	if (cli->json)
		return cli_json(cli, &response->base, err);
	if (each && response->n_results > DETAILED_MOST) {
		render_inferred_rows(&cli->screen, response->results, response->n_results);
		return STATUS_OK;
	}
	for (size_t i = 0; i < response->n_results; i++) {
		if (i)
			screen_text(&cli->screen, PAINT_NONE, "\n");
		render_inferred(&cli->screen, response->results[i]);
	}
	if (response->n_results == 0)
		screen_text(&cli->screen, PAINT_NONE, "No data files there: is the path right?\n");
	return STATUS_OK;
}

static const struct flag infer_flags[] = {
	{"--each", 0, NULL, "one answer per file instead of per table"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"infer", "PATH...", "What a crawl would say of files or folders; needs no daemon",
		"Reads all bytes, so the types are exact. Nothing is stored.\n"
		"\n"
		"  tenon infer orders.csv\n"
		"  tenon infer ./lake/events --each\n"
		"  tenon infer ./lake --json | jq '.results[].classification'\n",
		infer_flags, 1, 100000, NULL, run_infer},
};

const struct commands infer_commands = COMMANDS(rows);

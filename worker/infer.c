#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "crawler/crawl.h"
#include "proto/json.h"
#include "worker/command.h"
#include "worker/guard.h"
#include "worker/interrupt.h"
#include "worker/options.h"

#include <stdio.h>
#include <unistd.h>

/* `tenon-worker infer`: what a crawl would say, without a daemon. One InferResponse
 * as JSON with the results of all paths. */

static void add_results(
	Tenon__V1__InferResponse *all, const Tenon__V1__InferResponse *found, struct arena *arena)
{
	if (found->n_results == 0)
		return;
	all->results = arena_grow(arena, all->results, all->n_results,
		all->n_results + found->n_results, sizeof(void *));
	memcpy(all->results + all->n_results, found->results, found->n_results * sizeof(void *));
	all->n_results += found->n_results;
}

static int print(const Tenon__V1__InferResponse *response)
{
	struct error err;
	struct buffer SCOPED_BUFFER json;
	buffer_init(&json, LIMIT_MESSAGE_BYTES);
	enum json_style style = isatty(STDOUT_FILENO) ? JSON_PRETTY : JSON_COMPACT;
	if (json_print(&response->base, style, &json, &err) != STATUS_OK ||
		buffer_check(&json, "the result", &err) != STATUS_OK)
		return command_complain(EXIT_FAILED, err.message);
	bool newline = json.length && json.at[json.length - 1] == '\n';
	if (fwrite(json.at, 1, json.length, stdout) != json.length ||
		(!newline && fputc('\n', stdout) == EOF) || fflush(stdout) != 0)
		return EXIT_FAILED; /* the reader has gone */
	return EXIT_OK;
}

int command_infer(char **arguments, size_t count)
{
	struct option options[] = {
		{"--each", false, NULL}, {"--json", false, NULL}, {"--threads", true, NULL}};
	struct error err;
	size_t paths;
	uint64_t threads;
	guard_process();
	guard_memory(0);
	interrupt_start();
	if (options_parse(options, 3, arguments, count, &paths, &err) != STATUS_OK ||
		option_number(&options[2], 0, &threads, &err) != STATUS_OK)
		return command_complain(EXIT_USAGE, err.message);
	if (paths == 0 || threads > 1024)
		return command_complain(
			EXIT_USAGE, "usage: tenon-worker infer [--each] [--threads N] PATH...");
	OWNED(arena) arena = arena_new();
	Tenon__V1__InferResponse all = TENON__V1__INFER_RESPONSE__INIT;
	int code = EXIT_OK;
	for (size_t i = 0; i < paths; i++) {
		Tenon__V1__InferResponse *found;
		enum status status = infer_path(text_of(arguments[i]), options[0].value != NULL,
			(unsigned)threads, interrupt_flag(), arena, &found, &err);
		if (status == STATUS_CANCELLED && interrupt_asked())
			return EXIT_INTERRUPTED;
		if (status == STATUS_OK)
			add_results(&all, found, arena);
		else
			code = command_complain(EXIT_FAILED, err.message);
	}
	if (all.n_results == 0 && code != EXIT_OK)
		return code;
	int printed = print(&all);
	return printed != EXIT_OK ? printed : code;
}

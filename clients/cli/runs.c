#include "clients/cli/command.h"
#include "clients/cli/render.h"
#include "proto/json.h"

#define JOBS &tenon__v1__jobs__descriptor

enum { RUNS_SHOWN = 20, RUNS_MOST = 1000 };

/* NOT_FOUND when the daemon knows no such job; OK also when it does not tell. */
static enum status job_exists(struct cli *cli, char *name, struct error *err)
{
	Tenon__V1__GetJobRequest request = TENON__V1__GET_JOB_REQUEST__INIT;
	Tenon__V1__GetJobResponse *response = NULL;
	request.name = name;
	enum status status = cli_call(cli, JOBS, "GetJob", &request.base, &response, err);
	return status == STATUS_NOT_FOUND ? status : STATUS_OK;
}

static enum status run_runs(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListRunsRequest request = TENON__V1__LIST_RUNS_REQUEST__INIT;
	const char *limit = options_value(options, "--limit");
	uint64_t most = RUNS_SHOWN;
	if (limit)
		TRY(cli_number(cli, "--limit", limit, &most, err));
	if (options->count)
		request.job = arena_text(cli->arena, text_of(options->arguments[0]));
	request.page_size = most < RUNS_MOST ? (uint32_t)most : RUNS_MOST;
	TRY(cli_pages(cli, JOBS, "ListRuns", &request.base, most, &list, err));
	if (list.count == 0 && options->count)
		TRY(job_exists(cli, request.job, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render_runs(&cli->screen, (Tenon__V1__Run *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

static enum status run_run_show(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetRunRequest request = TENON__V1__GET_RUN_REQUEST__INIT;
	Tenon__V1__GetRunResponse *response = NULL;
	request.run_id = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, JOBS, "GetRun", &request.base, &response, err));
	if (!response->run)
		return fail(err, STATUS_INTERNAL, "the daemon's answer is empty");
	if (cli->json)
		return cli_json(cli, &response->run->base, err);
	render_run(&cli->screen, response->run);
	return STATUS_OK;
}

static enum status run_run_cancel(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CancelRunRequest request = TENON__V1__CANCEL_RUN_REQUEST__INIT;
	Tenon__V1__CancelRunResponse *response = NULL;
	request.run_id = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, JOBS, "CancelRun", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "run '%s' is asked to stop\n", request.run_id);
	return STATUS_OK;
}

static enum status read_log(
	struct cli *cli, struct rpc_reading *reading, struct buffer *whole, struct error *err)
{
	OWNED(arena) arena = arena_new();
	for (;;) {
		Tenon__V1__ReadLogResponse *response = NULL;
		arena_reset(arena);
		TRY(rpc_read_next(reading, arena, &response, err));
		if (!response)
			return STATUS_OK;
		struct text text = {(const char *)response->text.data, response->text.len};
		if (whole) {
			buffer_add_text(whole, text);
			continue;
		}
		screen_text(&cli->screen, PAINT_NONE, arena_text(cli->arena, text));
		cli_flush(cli);
	}
}

static enum status run_logs(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__ReadLogRequest request = TENON__V1__READ_LOG_REQUEST__INIT;
	struct rpc_channel *channel = NULL;
	OWNED(rpc_reading) reading = NULL;
	struct buffer SCOPED_BUFFER whole;
	buffer_init(&whole, SCREEN_BYTES_MAX);
	request.run_id = arena_text(cli->arena, text_of(options->arguments[0]));
	request.follow = options_has(options, "--follow");
	TRY(cli_channel(cli, &channel, err));
	TRY(rpc_read_open(channel, JOBS, "ReadLog", &request.base, -1, &reading, err));
	TRY(read_log(cli, reading, cli->json ? &whole : NULL, err));
	if (!cli->json)
		return STATUS_OK;
	buffer_add_string(&cli->screen.out, "{\n  \"run_id\": ");
	json_add_string(&cli->screen.out, text_of(request.run_id));
	buffer_add_string(&cli->screen.out, ",\n  \"text\": ");
	json_add_string(&cli->screen.out, buffer_text(&whole));
	buffer_add_string(&cli->screen.out, "\n}\n");
	return buffer_check(&whole, "the log", err);
}

static const struct flag runs_flags[] = {
	{"--limit", 'n', "N", "at most N, newest first (default 20)"},
	{NULL, 0, NULL, NULL},
};
static const struct flag logs_flags[] = {
	{"--follow", 'f', NULL, "go on until the run ends"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"runs", "[JOB]", "Runs of a job, or of all jobs and crawls, newest first",
		"  tenon runs daily --limit 5\n", runs_flags, 0, 1, see_jobs, run_runs},
	{"run show", "ID", "What a run read and wrote, or why it failed", "  tenon run show 0001\n",
		no_flags, 1, 1, see_runs, run_run_show},
	{"run cancel", "ID", "Ask a run to stop; nothing that it wrote becomes visible",
		"  tenon run cancel 0001\n", no_flags, 1, 1, see_runs, run_run_cancel},
	{"logs", "RUN", "The log of a run", "  tenon logs 0001 -f\n", logs_flags, 1, 1, see_runs,
		run_logs},
};

const struct commands run_commands = COMMANDS(rows);

#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/render.h"
#include "clients/cli/watch.h"

#define JOBS &tenon__v1__jobs__descriptor

/* Paths in a job file start at its folder; the daemon has another one. */
static enum status resolve_paths(
	struct cli *cli, const char *file, Tenon__V1__Plan *plan, struct error *err)
{
	for (size_t i = 0; plan && i < plan->n_nodes; i++) {
		Tenon__V1__Node *node = plan->nodes[i];
		char **path = node->kind_case == TENON__V1__NODE__KIND_SOURCE ? &node->source->path
			      : node->kind_case == TENON__V1__NODE__KIND_TARGET
				      ? &node->target->path
				      : NULL;
		if (path)
			TRY(path_beside(cli->arena, file, *path, path, err));
	}
	return STATUS_OK;
}

static enum status run_job_put(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__PutJobRequest request = TENON__V1__PUT_JOB_REQUEST__INIT;
	Tenon__V1__PutJobResponse *response = NULL;
	const char *file = options->arguments[0];
	TRY(file_message(cli->arena, file, &tenon__v1__job__descriptor, &request.job, err));
	TRY(resolve_paths(cli, file, request.job->plan, err));
	TRY(cli_call(cli, JOBS, "PutJob", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE,
		"job '%s' is %s: 'tenon job run %s --wait' runs it\n", request.job->name,
		response->created ? "created" : "updated", request.job->name);
	return STATUS_OK;
}

static enum status run_job_show(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetJobRequest request = TENON__V1__GET_JOB_REQUEST__INIT;
	Tenon__V1__GetJobResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, JOBS, "GetJob", &request.base, &response, err));
	if (!response->job)
		return fail(err, STATUS_INTERNAL, "the daemon's answer is empty");
	if (cli->json)
		return cli_json(cli, &response->job->base, err);
	render_job(&cli->screen, response->job);
	return STATUS_OK;
}

static enum status run_job_drop(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteJobRequest request = TENON__V1__DELETE_JOB_REQUEST__INIT;
	Tenon__V1__DeleteJobResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, JOBS, "DeleteJob", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "job '%s' is dropped; what it wrote stays\n",
		request.name);
	return STATUS_OK;
}

static enum status run_jobs(struct cli *cli, const struct options *options, struct error *err)
{
	(void)options;
	struct cli_list list = {0};
	Tenon__V1__ListJobsRequest request = TENON__V1__LIST_JOBS_REQUEST__INIT;
	TRY(cli_pages(cli, JOBS, "ListJobs", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	render_jobs(&cli->screen, (Tenon__V1__Job *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

static enum status read_args(struct cli *cli, const struct options *options,
	Tenon__V1__StartJobRunRequest *request, struct error *err)
{
	size_t count = 0;
	while (options_nth(options, "--arg", count))
		count++;
	request->args = arena_array(cli->arena, count, sizeof(void *));
	for (; request->n_args < count; request->n_args++) {
		struct text arg = text_of(options_nth(options, "--arg", request->n_args));
		size_t equals = text_find(arg, '=');
		if (equals == 0 || equals == arg.length)
			return cli_usage(cli, err, "--arg is name=value, not '%s'", arg.at);
		Tenon__V1__StartJobRunRequest__ArgsEntry *entry =
			arena_alloc(cli->arena, sizeof *entry);
		tenon__v1__start_job_run_request__args_entry__init(entry);
		entry->key = arena_text(cli->arena, text_until(arg, equals));
		entry->value = arena_text(cli->arena, text_from(arg, equals + 1));
		request->args[request->n_args] = entry;
	}
	return STATUS_OK;
}

static enum status read_bookmark_mode(struct cli *cli, const struct options *options,
	Tenon__V1__BookmarkMode *mode_out, struct error *err)
{
	static const struct {
		const char *name;
		Tenon__V1__BookmarkMode mode;
	} rows[] = {
		{"enable", TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_ENABLE},
		{"disable", TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_DISABLE},
		{"pause", TENON__V1__BOOKMARK_MODE__BOOKMARK_MODE_PAUSE},
	};
	const char *name = options_value(options, "--bookmark");
	if (!name)
		return STATUS_OK;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strcmp(name, rows[i].name) == 0) {
			*mode_out = rows[i].mode;
			return STATUS_OK;
		}
	}
	return cli_usage(cli, err, "--bookmark is enable, disable or pause, not '%s'", name);
}

static enum status run_job_run(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__StartJobRunRequest request = TENON__V1__START_JOB_RUN_REQUEST__INIT;
	Tenon__V1__StartJobRunResponse *response = NULL;
	Tenon__V1__Run *run = NULL;
	request.job = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(read_args(cli, options, &request, err));
	TRY(read_bookmark_mode(cli, options, &request.bookmark, err));
	TRY(cli_call(cli, JOBS, "StartJobRun", &request.base, &response, err));
	if (!options_has(options, "--wait")) {
		if (cli->json)
			return cli_json(cli, &response->base, err);
		screen_printf(&cli->screen, PAINT_NONE, "%s\n", response->run_id);
		return STATUS_OK;
	}
	TRY(watch_run(cli, response->run_id, &run, err));
	if (cli->json)
		TRY(cli_json(cli, &run->base, err));
	else
		render_run(&cli->screen, run);
	return watch_verdict(run, !cli->json, err);
}

static const struct flag job_run_flags[] = {
	{"--wait", 'w', NULL, "show how far it is, and what it did; Ctrl-C cancels it"},
	{"--arg", 0, "NAME=VALUE", "for ${NAME} in the plan; may be repeated"},
	{"--bookmark", 0, "enable|disable|pause", "for this run"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"job put", "FILE", "Create or replace a job from YAML or JSON",
		"The format is in docs/jobs.md. Relative paths in it start at the file's folder.\n"
		"\n"
		"  tenon job put daily.yaml\n",
		no_flags, 1, 1, see_tables, run_job_put},
	{"job show", "NAME", "What a job does",
		"  tenon job show daily\n"
		"  tenon job show daily --json > daily.json\n",
		no_flags, 1, 1, see_jobs, run_job_show},
	{"job drop", "NAME", "Forget a job and its bookmark", "  tenon job drop daily\n", no_flags,
		1, 1, see_jobs, run_job_drop},
	{"job run", "NAME", "Start a run; it reads what is new since the last one",
		"Prints the run's id; with --wait, what the run did, and exits with 1 when it\n"
		"failed. A first Ctrl-C cancels the run, a second leaves it to itself.\n"
		"\n"
		"  tenon job run daily --wait\n"
		"  tenon job run daily --wait --arg day=2026-11-23 --bookmark disable\n",
		job_run_flags, 1, 1, see_jobs, run_job_run},
	{"jobs", "", "The jobs", "  tenon jobs\n", no_flags, 0, 0, NULL, run_jobs},
};

const struct commands job_commands = COMMANDS(rows);

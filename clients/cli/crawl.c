#include "clients/cli/command.h"
#include "clients/cli/files.h"
#include "clients/cli/render.h"
#include "clients/cli/watch.h"

static char *option_text(struct cli *cli, const struct options *options, const char *name)
{
	const char *value = options_value(options, name);
	return arena_text(cli->arena, text_of(value ? value : ""));
}

static enum status read_policy(
	struct cli *cli, const struct options *options, char **policy_out, struct error *err)
{
	static const char *const policies[] = {"keep", "string", "glue"};
	char *policy = option_text(cli, options, "--choices");
	bool known = policy[0] == 0;
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
		known = known || strcmp(policy, policies[i]) == 0;
	if (!known)
		return cli_usage(cli, err, "--choices is keep, string or glue, not '%s'", policy);
	*policy_out = policy;
	return STATUS_OK;
}

static enum status read_crawl_options(struct cli *cli, const struct options *options,
	Tenon__V1__CrawlOptions *crawl, struct error *err)
{
	crawl->plan_only = options_has(options, "--plan");
	crawl->combine_compatible = options_has(options, "--combine");
	crawl->table_prefix = option_text(cli, options, "--prefix");
	while (options_nth(options, "--exclude", crawl->n_exclusions))
		crawl->n_exclusions++;
	crawl->exclusions = arena_array(cli->arena, crawl->n_exclusions, sizeof(char *));
	for (size_t i = 0; i < crawl->n_exclusions; i++)
		crawl->exclusions[i] =
			arena_text(cli->arena, text_of(options_nth(options, "--exclude", i)));
	const char *level = options_value(options, "--level");
	uint64_t number = 0;
	if (level)
		TRY(cli_number(cli, "--level", level, &number, err));
	crawl->table_level = number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
	return read_policy(cli, options, &crawl->choice_policy, err);
}

static enum status show_result(struct cli *cli, const Tenon__V1__Run *run, struct error *err)
{
	Tenon__V1__GetCrawlRequest request = TENON__V1__GET_CRAWL_REQUEST__INIT;
	Tenon__V1__GetCrawlResponse *response = NULL;
	request.run_id = run->id;
	TRY(cli_call(
		cli, &tenon__v1__crawlers__descriptor, "GetCrawl", &request.base, &response, err));
	if (!response->result)
		return fail(err, STATUS_INTERNAL, "the daemon has no result of run '%s'", run->id);
	if (cli->json)
		return cli_json(cli, &response->result->base, err);
	render_crawl(&cli->screen, response->result);
	return STATUS_OK;
}

static enum status run_crawl(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__StartCrawlRequest request = TENON__V1__START_CRAWL_REQUEST__INIT;
	Tenon__V1__CrawlOptions crawl = TENON__V1__CRAWL_OPTIONS__INIT;
	Tenon__V1__StartCrawlResponse *response = NULL;
	Tenon__V1__Run *run = NULL;
	if (!options_value(options, "--database"))
		return cli_usage(
			cli, err, "'crawl' needs --database DB, the database to put the tables in");
	TRY(read_crawl_options(cli, options, &crawl, err));
	TRY(path_real(cli->arena, options->arguments[0], &request.path, err));
	request.database = option_text(cli, options, "--database");
	request.options = &crawl;
	TRY(cli_call(cli, &tenon__v1__crawlers__descriptor, "StartCrawl", &request.base, &response,
		err));
	if (options_has(options, "--no-wait")) {
		if (cli->json)
			return cli_json(cli, &response->base, err);
		screen_printf(&cli->screen, PAINT_NONE, "%s\n", response->run_id);
		return STATUS_OK;
	}
	TRY(watch_run(cli, response->run_id, &run, err));
	TRY(watch_verdict(run, false, err));
	return show_result(cli, run, err);
}

static const struct flag crawl_flags[] = {
	{"--database", 'd', "DB", "where the tables go; made when missing"},
	{"--plan", 0, NULL, "say what would change, and change nothing"},
	{"--exclude", 0, "GLOB", "leave out what matches, below PATH; may be repeated"},
	{"--prefix", 0, "P", "begin the tables' names with P"},
	{"--combine", 0, NULL, "one table of all files of one format and dialect"},
	{"--level", 0, "N", "the folder level of tables (default: found)"},
	{"--choices", 0, "keep|string|glue", "columns of several types (default: keep)"},
	{"--no-wait", 0, NULL, "print the run's id and return"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"crawl", "PATH --database DB",
		"Find the tables under PATH and keep the catalog up to date",
		"Only files that are new or changed since the last crawl are opened. A table gets\n"
		"a new version only when its schema changes; the changes are printed. Files that\n"
		"cannot be read fail alone and are listed. Ctrl-C cancels the crawl.\n"
		"\n"
		"  tenon crawl ./lake --database sales --plan\n"
		"  tenon crawl ./lake --database sales --exclude '**/tmp/**'\n",
		crawl_flags, 1, 1, "does the daemon see this path?", run_crawl},
};

const struct commands crawl_commands = COMMANDS(rows);

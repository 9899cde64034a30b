#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/feed_filter.h"
#include "clients/cli/files.h"
#include "clients/cli/grid.h"

#include <inttypes.h>

#define FEED &tenon__v1__feed__descriptor

static const char *wants(struct arena *arena, const Tenon__V1__WatchRequest *filter)
{
	char *text = arena_text(arena, TEXT(""));
	if (!filter)
		return "everything";
	if (*filter->database)
		text = arena_printf(arena, "%s%s%s ", filter->database, *filter->table ? "." : "",
			filter->table);
	if (*filter->severity)
		text = arena_printf(arena, "%s%s ", text, filter->severity);
	for (size_t i = 0; i < filter->n_kinds; i++)
		text = arena_printf(arena, "%s%s ", text, filter->kinds[i]);
	return *text ? text : "everything";
}

static const char *how_it_fares(struct arena *arena, const Tenon__V1__Webhook *webhook)
{
	if (webhook->paused)
		return "paused";
	if (webhook->failures)
		return arena_printf(arena, "%s, again %s: %s",
			human_things(arena, webhook->failures, "failure"),
			human_time(arena, webhook->retry_time_us), webhook->error);
	return *webhook->error ? webhook->error : "ok";
}

static enum status run_list(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {{.title = "WEBHOOK", .name = true},
		{.title = "WANTS"}, {.title = "DELIVERED", .number = true}, {.title = "URL"},
		{.title = "STATE", .elastic = true}};
	Tenon__V1__ListWebhooksRequest request = TENON__V1__LIST_WEBHOOKS_REQUEST__INIT;
	Tenon__V1__ListWebhooksResponse *response = NULL;
	struct cli_list list = {0};
	(void)options;
	TRY(cli_call(cli, FEED, "ListWebhooks", &request.base, &response, err));
	cli_list_add(cli, &list, response->webhooks, response->n_webhooks);
	if (cli->json)
		return cli_json_list(cli, &list, err);
	if (list.count == 0) {
		screen_text(&cli->screen, PAINT_NONE,
			"No webhooks yet: 'tenon webhook put NAME URL' makes one\n");
		return STATUS_OK;
	}
	struct grid *grid = grid_new(&cli->screen, columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < response->n_webhooks; i++) {
		const Tenon__V1__Webhook *webhook = response->webhooks[i];
		grid_cell(grid, webhook->name);
		grid_cell(grid, wants(cli->arena, webhook->filter));
		grid_printf(grid, "%" PRIu64, webhook->delivered);
		grid_cell(grid, webhook->url);
		grid_painted(grid, webhook->failures ? PAINT_RED : PAINT_NONE,
			how_it_fares(cli->arena, webhook));
	}
	grid_draw(grid, "");
	return STATUS_OK;
}

static enum status put(
	struct cli *cli, Tenon__V1__Webhook *webhook, const char *done, struct error *err)
{
	Tenon__V1__PutWebhookRequest request = TENON__V1__PUT_WEBHOOK_REQUEST__INIT;
	Tenon__V1__PutWebhookResponse *response = NULL;
	request.webhook = webhook;
	TRY(cli_call(cli, FEED, "PutWebhook", &request.base, &response, err));
	if (!response->webhook)
		return fail(err, STATUS_INTERNAL, "the daemon's answer about '%s' is empty",
			webhook->name);
	if (cli->json)
		return cli_json(cli, &response->webhook->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "webhook '%s' %s behind change %" PRIu64 "\n",
		webhook->name, done, response->webhook->delivered);
	return STATUS_OK;
}

/* Not as an argument: those are for every user of the machine to see. */
static enum status read_secret(
	struct cli *cli, const char *path, char **secret_out, struct error *err)
{
	struct text bytes;
	TRY(file_read(cli->arena, path, &bytes, err));
	bytes = text_trimmed(bytes);
	if (bytes.length == 0 || bytes.length > LIMIT_SECRET_BYTES)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"the secret in '%s' has %zu bytes, give 1 to %d", path, bytes.length,
			LIMIT_SECRET_BYTES);
	*secret_out = arena_text(cli->arena, bytes);
	return STATUS_OK;
}

static enum status run_put(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__Webhook webhook = TENON__V1__WEBHOOK__INIT;
	Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
	const char *secret = options_value(options, "--secret-file");
	webhook.name = arena_text(cli->arena, text_of(options->arguments[0]));
	webhook.url = arena_text(cli->arena, text_of(options->arguments[1]));
	TRY(feed_filter_read(cli, options, 2, &filter, err));
	webhook.filter = &filter;
	if (secret)
		TRY(read_secret(cli, secret, &webhook.secret, err));
	return put(cli, &webhook, "goes on", err);
}

static enum status set_paused(struct cli *cli, const char *name, bool paused, struct error *err)
{
	Tenon__V1__ListWebhooksRequest request = TENON__V1__LIST_WEBHOOKS_REQUEST__INIT;
	Tenon__V1__ListWebhooksResponse *response = NULL;
	TRY(cli_call(cli, FEED, "ListWebhooks", &request.base, &response, err));
	for (size_t i = 0; i < response->n_webhooks; i++) {
		if (strcmp(response->webhooks[i]->name, name) != 0)
			continue;
		response->webhooks[i]->paused = paused;
		return put(cli, response->webhooks[i], paused ? "is paused" : "goes on", err);
	}
	return fail(err, STATUS_NOT_FOUND, "no webhook '%s'", name);
}

static enum status run_pause(struct cli *cli, const struct options *options, struct error *err)
{
	return set_paused(cli, options->arguments[0], true, err);
}

static enum status run_resume(struct cli *cli, const struct options *options, struct error *err)
{
	return set_paused(cli, options->arguments[0], false, err);
}

static enum status run_drop(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteWebhookRequest request = TENON__V1__DELETE_WEBHOOK_REQUEST__INIT;
	Tenon__V1__DeleteWebhookResponse *response = NULL;
	request.name = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, FEED, "DeleteWebhook", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "webhook '%s' is dropped\n", request.name);
	return STATUS_OK;
}

static const struct flag put_flags[] = {
	{"--after", 0, "N", "from the change behind number N on (default: what is new)"},
	{"--severity", 0, "safe|widening|breaking", "only changes of tables at least so"},
	{"--kind", 0, "K", "only this kind, like table_updated (may be repeated)"},
	{"--secret-file", 0, "FILE", "what signs each delivery; '-' reads standard input"},
	{NULL, 0, NULL, NULL},
};
static const char see_webhooks[] = "'tenon webhooks' lists what there is";
static const char help_put[] =
	"The daemon posts each change as JSON, in order and at least once, the next one when\n"
	"the last was answered with 2xx. docs/webhooks.md has a receiver that checks the\n"
	"signature. Put again, it goes on where it was, with the secret that it had.\n"
	"\n"
	"  tenon webhook put audit https://hooks.example/tenon --secret-file key\n"
	"  tenon webhook put breaking http://127.0.0.1:8080/ sales --severity breaking\n";

static const struct command rows[] = {
	{"webhooks", "", "Who is told of changes, how far, and what went wrong",
		"  tenon webhooks\n", no_flags, 0, 0, NULL, run_list},
	{"webhook put", "NAME URL [DB[.TABLE]]", "Send each change to a URL", help_put, put_flags,
		2, 3, NULL, run_put},
	{"webhook pause", "NAME", "Send nothing for now", "  tenon webhook pause audit\n", no_flags,
		1, 1, see_webhooks, run_pause},
	{"webhook resume", "NAME", "Go on where it was paused", "  tenon webhook resume audit\n",
		no_flags, 1, 1, see_webhooks, run_resume},
	{"webhook drop", "NAME", "Forget it", "  tenon webhook drop audit\n", no_flags, 1, 1,
		see_webhooks, run_drop},
};

const struct commands webhook_commands = COMMANDS(rows);

#include "clients/cli/command.h"
#include "clients/cli/moment.h"
#include "clients/cli/names.h"
#include "clients/cli/render.h"

#include <inttypes.h>
#include <string.h>

/* Which versions of a table stay. */

#define CATALOG &tenon__v1__catalog__descriptor

static enum status pin_or_unpin(
	struct cli *cli, const struct options *options, bool unpin, struct error *err)
{
	Tenon__V1__PinTableVersionRequest request = TENON__V1__PIN_TABLE_VERSION_REQUEST__INIT;
	Tenon__V1__PinTableVersionResponse *response = NULL;
	const char *label = unpin ? NULL : options_value(options, "--label");
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	TRY(cli_number(cli, "a version", options->arguments[1], &request.version, err));
	request.unpin = unpin;
	if (label)
		request.label = arena_text(cli->arena, text_of(label));
	TRY(cli_call(cli, CATALOG, "PinTableVersion", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "version %" PRIu64 " of '%s.%s' is %s%s%s\n",
		request.version, request.database, request.name, unpin ? "not pinned" : "pinned",
		label ? " as " : "", label ? label : "");
	return STATUS_OK;
}

static enum status run_pin(struct cli *cli, const struct options *options, struct error *err)
{
	return pin_or_unpin(cli, options, false, err);
}

static enum status run_unpin(struct cli *cli, const struct options *options, struct error *err)
{
	return pin_or_unpin(cli, options, true, err);
}

static enum status run_version_delete(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__DeleteTableVersionsRequest request =
		TENON__V1__DELETE_TABLE_VERSIONS_REQUEST__INIT;
	Tenon__V1__DeleteTableVersionsResponse *response = NULL;
	TRY(cli_table_name(cli, options->arguments[0], &request.database, &request.name, err));
	request.n_versions = options->count - 1;
	request.versions = arena_array(cli->arena, request.n_versions, sizeof *request.versions);
	for (size_t i = 0; i < request.n_versions; i++)
		TRY(cli_number(
			cli, "a version", options->arguments[i + 1], &request.versions[i], err));
	TRY(cli_call(cli, CATALOG, "DeleteTableVersions", &request.base, &response, err));
	cli->failed = response->n_errors > 0;
	if (cli->json)
		return cli_json(cli, &response->base, err);
	for (size_t i = 0; i < response->n_errors; i++)
		screen_printf(&cli->screen, PAINT_RED, "%s\n", response->errors[i]->message);
	screen_printf(&cli->screen, PAINT_NONE, "%s of '%s.%s' deleted\n",
		human_things(cli->arena, request.n_versions - response->n_errors, "version"),
		request.database, request.name);
	return STATUS_OK;
}

/* "forever" is 0. */
static enum status age_read(struct cli *cli, const char *name, const char *text,
	int64_t *seconds_out, struct error *err)
{
	*seconds_out = 0;
	if (strcmp(text, "forever") == 0 || span_read(text, seconds_out))
		return STATUS_OK;
	return cli_usage(
		cli, err, "%s is a time like 30d, 12h or 2w, or 'forever', not '%s'", name, text);
}

static const char *span_text(struct arena *arena, int64_t seconds)
{
	if (seconds == 0)
		return "for ever";
	if (seconds % 86400 == 0)
		return human_things(arena, (uint64_t)(seconds / 86400), "day");
	return human_seconds(arena, (double)seconds);
}

static void render_kept(struct cli *cli, const char *what, int64_t seconds)
{
	screen_text(&cli->screen, PAINT_DIM, what);
	screen_printf(&cli->screen, PAINT_NONE, "%s\n",
		seconds == 0 ? "as tenond was told"
			     : span_text(cli->arena, seconds < 0 ? 0 : seconds));
}

static void render_retention(struct cli *cli, const Tenon__V1__Retention *retention, bool of_all)
{
	struct screen *screen = &cli->screen;
	screen_text(screen, PAINT_DIM, "  versions  ");
	if (retention->versions)
		screen_printf(screen, PAINT_NONE, "at most %" PRIu64 " of a table%s",
			retention->versions, retention->versions_s ? ", " : "");
	if (!retention->versions || retention->versions_s)
		screen_text(screen, PAINT_NONE, span_text(cli->arena, retention->versions_s));
	screen_text(screen, PAINT_NONE, "\n");
	if (!of_all)
		return;
	screen_text(screen, PAINT_DIM, "  dropped   ");
	screen_printf(screen, PAINT_NONE, "%s\n",
		retention->dropped_s < 0 ? "not at all"
					 : span_text(cli->arena, retention->dropped_s));
	render_kept(cli, "  changes   ", retention->feed_s);
	render_kept(cli, "  audit log ", retention->audit_s);
}

/* Of changes and audit entries: 0 is what tenond was told, less is for ever. */
static enum status kept_read(struct cli *cli, const char *name, const char *text,
	int64_t *seconds_out, struct error *err)
{
	if (text_equal(text_of(text), TEXT("default"))) {
		*seconds_out = 0;
		return STATUS_OK;
	}
	TRY(age_read(cli, name, text, seconds_out, err));
	if (*seconds_out == 0)
		*seconds_out = -1;
	return STATUS_OK;
}

static enum status kept_change(struct cli *cli, const struct options *options,
	Tenon__V1__Retention *retention, struct error *err)
{
	const char *changes = options_value(options, "--changes");
	const char *audit = options_value(options, "--audit");
	if ((changes || audit) && options->count)
		return cli_usage(cli, err, "%s holds for everything: say it without a table",
			changes ? "--changes" : "--audit");
	if (changes)
		TRY(kept_read(cli, "--changes", changes, &retention->feed_s, err));
	if (audit)
		TRY(kept_read(cli, "--audit", audit, &retention->audit_s, err));
	return STATUS_OK;
}

/* What is to hold, of what holds now. */
static enum status retention_change(struct cli *cli, const struct options *options,
	Tenon__V1__Retention *retention, struct error *err)
{
	const char *versions = options_value(options, "--versions");
	const char *age = options_value(options, "--age");
	const char *dropped = options_value(options, "--dropped");
	if (versions && text_equal(text_of(versions), TEXT("all")))
		retention->versions = 0;
	else if (versions)
		TRY(cli_number(cli, "--versions", versions, &retention->versions, err));
	if (age)
		TRY(age_read(cli, "--age", age, &retention->versions_s, err));
	if (dropped && options->count)
		return cli_usage(
			cli, err, "--dropped holds for all tables: say it without a table");
	if (dropped && text_equal(text_of(dropped), TEXT("not")))
		retention->dropped_s = -1;
	else if (dropped)
		TRY(age_read(cli, "--dropped", dropped, &retention->dropped_s, err));
	return kept_change(cli, options, retention, err);
}

static enum status run_retention(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__GetRetentionRequest get = TENON__V1__GET_RETENTION_REQUEST__INIT;
	Tenon__V1__GetRetentionResponse *got = NULL;
	Tenon__V1__PutRetentionRequest put = TENON__V1__PUT_RETENTION_REQUEST__INIT;
	Tenon__V1__PutRetentionResponse *answer = NULL;
	bool of_all = options->count == 0;
	bool clear = options_has(options, "--clear");
	bool changes = options_value(options, "--versions") || options_value(options, "--age") ||
		       options_value(options, "--dropped") || options_value(options, "--changes") ||
		       options_value(options, "--audit");
	if (clear && changes)
		return cli_usage(cli, err, "give --clear alone, or what is to hold");
	if (!of_all)
		TRY(cli_table_name(cli, options->arguments[0], &get.database, &get.name, err));
	if (!clear)
		TRY(cli_call(cli, CATALOG, "GetRetention", &get.base, &got, err));
	bool puts = clear || changes;
	if (puts) {
		put.database = get.database;
		put.name = get.name;
		put.retention = clear ? NULL : got->retention;
		if (changes && !of_all && put.retention) {
			put.retention->dropped_s = 0;
			put.retention->feed_s = 0;
			put.retention->audit_s = 0;
		}
		if (changes && put.retention)
			TRY(retention_change(cli, options, put.retention, err));
		TRY(cli_call(cli, CATALOG, "PutRetention", &put.base, &answer, err));
	}
	if (cli->json)
		return cli_json(cli, puts ? &answer->base : &got->base, err);
	const Tenon__V1__Retention *holds = puts ? answer->retention : got->retention;
	screen_printf(
		&cli->screen, PAINT_BOLD, "%s", of_all ? "all tables" : options->arguments[0]);
	screen_printf(&cli->screen, PAINT_NONE, "%s keep%s\n",
		!of_all && got && !got->own && !changes ? ", as all tables," : "",
		of_all ? "" : "s");
	if (holds)
		render_retention(cli, holds, of_all);
	return STATUS_OK;
}

static const struct flag pin_flags[] = {
	{"--label", 0, "NAME", "a name for it, one of its kind in the table"},
	{NULL, 0, NULL, NULL},
};
static const struct flag retention_flags[] = {
	{"--versions", 0, "N",
		"keep at most N versions of a table, the current one among them; 'all'"},
	{"--age", 0, "TIME", "keep what was current within this time: 30d, 12h, 2w, 'forever'"},
	{"--dropped", 0, "TIME", "how long what was dropped can be had back; 'not' for not at all"},
	{"--changes", 0, "TIME",
		"how long the change feed keeps one; 'forever', 'default': as tenond was told"},
	{"--audit", 0, "TIME", "how long entries of the audit log are kept; the same"},
	{"--clear", 0, NULL, "back to what holds for all tables, or held at first"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"pin", "DB.TABLE N", "Keep a version, whatever retention says",
		"A pinned version cannot be deleted either, until it is unpinned.\n"
		"\n"
		"  tenon pin sales.orders 3 --label 'report 2025'\n",
		pin_flags, 2, 2, see_tables, run_pin},
	{"unpin", "DB.TABLE N", "Let a version go when its time comes",
		"  tenon unpin sales.orders 3\n", no_flags, 2, 2, see_tables, run_unpin},
	{"version delete", "DB.TABLE N...", "Delete versions of a table",
		"The current version and pinned ones stay: then the exit code is 1.\n"
		"\n"
		"  tenon version delete sales.orders 1 2\n",
		no_flags, 2, 101, see_tables, run_version_delete},
	{"retention", "[DB.TABLE]", "How long versions, drops, changes and audit entries are kept",
		"Without flags it says what holds, for all tables or for one. A version goes when\n"
		"there are more than N newer or equal ones, or when it ceased to be the current\n"
		"one longer than --age ago; the current and pinned versions stay.\n"
		"\n"
		"  tenon retention --versions 1000 --age 365d --dropped 30d\n"
		"  tenon retention --changes 90d --audit forever\n"
		"  tenon retention sales.orders --versions 10\n"
		"  tenon retention sales.orders --clear\n",
		retention_flags, 0, 1, see_tables, run_retention},
};

const struct commands version_commands = COMMANDS(rows);

#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/grid.h"
#include "clients/cli/moment.h"
#include "clients/cli/names.h"
#include "tenon/v1/access.pb-c.h"
#include "tenon/v1/operations.pb-c.h"

#include <inttypes.h>
#include <string.h>

#define ACCESS &tenon__v1__access__descriptor

#define ACTIONS TENON__V1__ACTION__ACTION_ADMIN

static const char *const action_names[ACTIONS + 1] = {
	[TENON__V1__ACTION__ACTION_READ] = "read",
	[TENON__V1__ACTION__ACTION_WRITE] = "write",
	[TENON__V1__ACTION__ACTION_CRAWL] = "crawl",
	[TENON__V1__ACTION__ACTION_RUN] = "run",
	[TENON__V1__ACTION__ACTION_ADMIN] = "admin",
};

static bool action_of(struct text name, Tenon__V1__Action *action_out)
{
	for (int i = TENON__V1__ACTION__ACTION_READ; i <= ACTIONS; i++) {
		if (text_equal_folded(name, text_of(action_names[i]))) {
			*action_out = (Tenon__V1__Action)i;
			return true;
		}
	}
	return false;
}

/* "read,run". */
static enum status read_actions(struct cli *cli, const char *list, Tenon__V1__Action **actions_out,
	size_t *count_out, struct error *err)
{
	struct text rest = text_of(list);
	struct text name;
	bool more = true;
	*actions_out = arena_array(cli->arena, rest.length + 1, sizeof **actions_out);
	*count_out = 0;
	while (text_split(&rest, &more, ',', &name)) {
		if (!action_of(name, &(*actions_out)[(*count_out)++]))
			return cli_usage(cli, err,
				"'%.*s' is not one of read, write, crawl, run, admin",
				TEXT_ARG(text_until(name, LIMIT_NAME_BYTES)));
	}
	return STATUS_OK;
}

static const char *actions_text(
	struct arena *arena, const Tenon__V1__Action *actions, size_t count, const char *none)
{
	const char *text = count ? "" : none;
	for (size_t i = 0; i < count; i++) {
		bool known = actions[i] >= TENON__V1__ACTION__ACTION_READ && actions[i] <= ACTIONS;
		text = arena_printf(arena, "%s%s%s", text, i ? "," : "",
			known ? action_names[actions[i]] : "?");
	}
	return text;
}

/* ---- tokens ---- */

static const char *until_text(struct arena *arena, int64_t time_us)
{
	return time_us ? human_time(arena, time_us) : "never";
}

static enum status run_tokens(struct cli *cli, const struct options *options, struct error *err)
{
	static const struct grid_column columns[] = {{.title = "TOKEN"},
		{.title = "PRINCIPAL", .least = 12}, {.title = "SCOPE", .least = 5},
		{.title = "DATABASES", .least = 9}, {.title = "EXPIRES", .least = GRID_DATE},
		{.title = "LAST USED", .least = GRID_DATE},
		{.title = "DESCRIPTION", .elastic = true}};
	struct cli_list list = {0};
	Tenon__V1__ListTokensRequest request = TENON__V1__LIST_TOKENS_REQUEST__INIT;
	if (options->count)
		request.principal = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_pages(cli, ACCESS, "ListTokens", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	struct grid *grid = grid_new(&cli->screen, columns, 7);
	for (size_t i = 0; i < list.count; i++) {
		const Tenon__V1__Token *token = (const Tenon__V1__Token *)(void *)list.items[i];
		grid_cell(grid, token->id);
		grid_cell(grid, token->principal);
		grid_cell(grid, actions_text(cli->arena, token->scope, token->n_scope, "all"));
		grid_cell(grid, token->databases[0] ? token->databases : "*");
		grid_cell(grid,
			token->revoked ? "revoked" : until_text(cli->arena, token->expire_time_us));
		grid_cell(grid, human_time(cli->arena, token->last_used_time_us));
		grid_cell(grid, token->description);
	}
	if (list.count)
		grid_draw(grid, "");
	else
		screen_text(&cli->screen, PAINT_NONE,
			"No tokens: 'tenon token create PRINCIPAL' makes one\n");
	return STATUS_OK;
}

static enum status run_token_create(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__CreateTokenRequest request = TENON__V1__CREATE_TOKEN_REQUEST__INIT;
	Tenon__V1__CreateTokenResponse *response = NULL;
	const char *scope = options_value(options, "--scope");
	const char *databases = options_value(options, "--databases");
	const char *expires = options_value(options, "--expires");
	const char *description = options_value(options, "--description");
	request.principal = arena_text(cli->arena, text_of(options->arguments[0]));
	if (scope)
		TRY(read_actions(cli, scope, &request.scope, &request.n_scope, err));
	if (databases)
		request.databases = arena_text(cli->arena, text_of(databases));
	if (expires && (!span_read(expires, &request.lifetime_s) || request.lifetime_s > INT32_MAX))
		return cli_usage(
			cli, err, "--expires is a time like 30m, 12h or 90d, not '%s'", expires);
	if (description)
		request.description = arena_text(cli->arena, text_of(description));
	TRY(cli_call(cli, ACCESS, "CreateToken", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	if (!response->token)
		return fail(err, STATUS_INTERNAL, "the daemon's answer about the token is empty");
	/* The secret alone on standard output, so that a script can keep it. */
	screen_printf(&cli->screen, PAINT_NONE, "%s\n", response->secret);
	(void)fprintf(cli->err, "token %s of '%s', expires: %s; its secret is shown this once\n",
		printable(cli->arena, response->token->id),
		printable(cli->arena, response->token->principal),
		until_text(cli->arena, response->token->expire_time_us));
	return STATUS_OK;
}

static enum status run_token_revoke(
	struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__RevokeTokenRequest request = TENON__V1__REVOKE_TOKEN_REQUEST__INIT;
	Tenon__V1__RevokeTokenResponse *response = NULL;
	request.id = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_call(cli, ACCESS, "RevokeToken", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "token '%s' is revoked\n", request.id);
	return STATUS_OK;
}

/* ---- grants ---- */

static const char *where_text(struct arena *arena, const Tenon__V1__Grant *grant)
{
	if (grant->resource[0])
		return grant->resource;
	return place_text(arena, grant->database, grant->table[0] ? grant->table : "*");
}

static void draw_grants(struct cli *cli, Tenon__V1__Grant *const *grants, size_t count)
{
	static const struct grid_column columns[] = {{.title = "PRINCIPAL"}, {.title = "MAY"},
		{.title = "ON", .elastic = true}, {.title = "BY"},
		{.title = "SINCE", .least = GRID_DATE}};
	struct grid *grid = grid_new(&cli->screen, columns, 5);
	for (size_t i = 0; i < count; i++) {
		const Tenon__V1__Grant *grant = grants[i];
		grid_cell(grid, grant->principal);
		grid_cell(grid, actions_text(cli->arena, grant->actions, grant->n_actions, "-"));
		grid_cell(grid, where_text(cli->arena, grant));
		grid_cell(grid, grant->author);
		grid_cell(grid, human_time(cli->arena, grant->time_us));
	}
	if (count)
		grid_draw(grid, "");
}

static enum status run_grants(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListGrantsRequest request = TENON__V1__LIST_GRANTS_REQUEST__INIT;
	if (options->count)
		request.principal = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(cli_pages(cli, ACCESS, "ListGrants", &request.base, UINT64_MAX, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	if (list.count == 0)
		screen_text(&cli->screen, PAINT_NONE,
			"No grants: 'tenon grant add PRINCIPAL read DB.*' makes one\n");
	draw_grants(cli, (Tenon__V1__Grant *const *)(void *)list.items, list.count);
	return STATUS_OK;
}

/* "sales.orders", "sales" (every table), "*" (everything), "job/daily". */
static enum status read_pattern(
	struct cli *cli, const char *pattern, Tenon__V1__Grant *grant, struct error *err)
{
	static char every[] = "*";
	if (strchr(pattern, '/') && !strpbrk(pattern, "`\"")) {
		grant->resource = arena_text(cli->arena, text_of(pattern));
		return STATUS_OK;
	}
	TRY(cli_place(cli, pattern, &grant->database, &grant->table, err));
	grant->table = grant->table[0] ? grant->table : every;
	return STATUS_OK;
}

static enum status run_grant_add(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__Grant grant = TENON__V1__GRANT__INIT;
	Tenon__V1__PutGrantRequest request = TENON__V1__PUT_GRANT_REQUEST__INIT;
	Tenon__V1__PutGrantResponse *response = NULL;
	grant.principal = arena_text(cli->arena, text_of(options->arguments[0]));
	TRY(read_actions(cli, options->arguments[1], &grant.actions, &grant.n_actions, err));
	TRY(read_pattern(cli, options->arguments[2], &grant, err));
	request.grant = &grant;
	TRY(cli_call(cli, ACCESS, "PutGrant", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	if (!response->grant)
		return fail(err, STATUS_INTERNAL, "the daemon's answer about the grant is empty");
	screen_printf(&cli->screen, PAINT_NONE, "'%s' may %s on '%s'\n", response->grant->principal,
		actions_text(cli->arena, response->grant->actions, response->grant->n_actions, "-"),
		where_text(cli->arena, response->grant));
	return STATUS_OK;
}

static enum status run_grant_drop(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__Grant grant = TENON__V1__GRANT__INIT;
	Tenon__V1__DeleteGrantRequest request = TENON__V1__DELETE_GRANT_REQUEST__INIT;
	Tenon__V1__DeleteGrantResponse *response = NULL;
	grant.principal = arena_text(cli->arena, text_of(options->arguments[0]));
	if (options->count == 3)
		TRY(read_actions(
			cli, options->arguments[1], &grant.actions, &grant.n_actions, err));
	TRY(read_pattern(cli, options->arguments[options->count - 1], &grant, err));
	request.grant = &grant;
	TRY(cli_call(cli, ACCESS, "DeleteGrant", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	screen_printf(&cli->screen, PAINT_NONE, "'%s' no longer has %s on '%s'\n", grant.principal,
		options->count == 3 ? options->arguments[1] : "a grant",
		where_text(cli->arena, &grant));
	return STATUS_OK;
}

/* ---- who and what was ---- */

static enum status run_whoami(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__WhoAmIRequest request = TENON__V1__WHO_AM_IREQUEST__INIT;
	Tenon__V1__WhoAmIResponse *response = NULL;
	(void)options;
	TRY(cli_call(cli, ACCESS, "WhoAmI", &request.base, &response, err));
	if (cli->json)
		return cli_json(cli, &response->base, err);
	bool local = strcmp(response->by, "local") == 0;
	screen_printf(&cli->screen, PAINT_BOLD, "%s", response->principal);
	screen_printf(&cli->screen, PAINT_NONE, "  %s%s\n", local ? "" : "by ",
		local ? "nobody is asked who they are: everything is allowed" : response->by);
	if (!local && response->unrestricted)
		screen_wrapped(&cli->screen, 2,
			"The daemon runs without --auth: everybody who gets in may do everything. "
			"Your name stands beside what you change; grants do not count.");
	if (response->token)
		screen_printf(&cli->screen, PAINT_NONE, "  token %s, scope %s, expires: %s\n",
			response->token->id,
			actions_text(cli->arena, response->token->scope, response->token->n_scope,
				"all"),
			until_text(cli->arena, response->token->expire_time_us));
	draw_grants(cli, response->grants, response->n_grants);
	return STATUS_OK;
}

static enum status read_moment(struct cli *cli, const struct options *options, const char *flag,
	int64_t *time_us_out, struct error *err)
{
	const char *text = options_value(options, flag);
	if (text && !moment_read(text, time_us_out))
		return cli_usage(
			cli, err, "%s is a time like 2026-11-23T06:28:19Z, not '%s'", flag, text);
	return STATUS_OK;
}

/* "sales" is the database and all its tables, as in a grant. */
static enum status audit_pattern(struct cli *cli, char **pattern, struct error *err)
{
	char *database = NULL;
	char *table = arena_text(cli->arena, TEXT(""));
	if (strpbrk(*pattern, "`\"")) {
		TRY(cli_place(cli, *pattern, &database, &table, err));
		*pattern = arena_printf(cli->arena, "%s.%s", database, *table ? table : "*");
	} else if (**pattern && !strpbrk(*pattern, "./*")) {
		*pattern = arena_printf(cli->arena, "%s.*", *pattern);
	}
	return STATUS_OK;
}

static enum status audit_request(struct cli *cli, const struct options *options,
	Tenon__V1__ListAuditRequest *request, uint64_t *limit_out, struct error *err)
{
	const struct {
		const char *flag;
		char **field;
	} texts[] = {
		{"--principal", &request->principal},
		{"--kind", &request->kind},
		{"--on", &request->resource},
	};
	const char *limit = options_value(options, "--limit");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *value = options_value(options, texts[i].flag);
		if (value)
			*texts[i].field = arena_text(cli->arena, text_of(value));
	}
	TRY(audit_pattern(cli, &request->resource, err));
	TRY(read_moment(cli, options, "--since", &request->from_time_us, err));
	TRY(read_moment(cli, options, "--until", &request->to_time_us, err));
	request->oldest_first = options_has(options, "--oldest-first");
	*limit_out = options_has(options, "--all") ? UINT64_MAX : 50;
	if (limit)
		TRY(cli_number(cli, "--limit", limit, limit_out, err));
	request->page_size = *limit_out < 1000 ? (uint32_t)*limit_out : 1000;
	return STATUS_OK;
}

static void draw_audit(struct cli *cli, const struct cli_list *list)
{
	static const struct grid_column columns[] = {{.title = "TIME", .least = GRID_DATE},
		{.title = "PRINCIPAL", .least = 10}, {.title = "KIND"},
		{.title = "METHOD", .least = 10}, {.title = "ON", .elastic = true},
		{.title = "TIMES", .number = true, .spare = 1},
		{.title = "OUTCOME", .elastic = true}};
	struct grid *grid = grid_new(&cli->screen, columns, 7);
	for (size_t i = 0; i < list->count; i++) {
		const Tenon__V1__AuditEntry *entry =
			(const Tenon__V1__AuditEntry *)(void *)list->items[i];
		size_t slash = text_find_last(text_of(entry->method), '/');
		grid_cell(grid, human_time(cli->arena, entry->time_us));
		grid_cell(grid, entry->principal[0] ? entry->principal : "?");
		grid_cell(grid, entry->kind);
		grid_cell(grid, slash == SIZE_MAX ? entry->method : entry->method + slash + 1);
		grid_cell(grid, entry->resource);
		grid_printf(grid, "%" PRIu64, entry->count);
		grid_cell(grid, entry->code || entry->message[0] ? entry->message : "ok");
	}
	if (list->count)
		grid_draw(grid, "");
	else
		screen_text(&cli->screen, PAINT_NONE, "No such entries\n");
}

/* What is not put down cannot be listed. */
static void say_what_is_audited(struct cli *cli)
{
	Tenon__V1__GetStatusRequest request = TENON__V1__GET_STATUS_REQUEST__INIT;
	Tenon__V1__GetStatusResponse *now = NULL;
	struct error unused;
	if (cli_call(cli, &tenon__v1__operations__descriptor, "GetStatus", &request.base, &now,
		    &unused) != STATUS_OK)
		return;
	if (strcmp(now->audit, "none") == 0)
		screen_text(&cli->screen, PAINT_YELLOW,
			"the audit log is off: 'tenond --audit writes' or 'all' turns it on\n");
	if (strcmp(now->audit, "writes") == 0)
		screen_text(&cli->screen, PAINT_DIM,
			"reads are not put down: 'tenond --audit all' does that\n");
}

static enum status run_audit(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__ListAuditRequest request = TENON__V1__LIST_AUDIT_REQUEST__INIT;
	uint64_t limit = 0;
	TRY(audit_request(cli, options, &request, &limit, err));
	TRY(cli_pages(cli, ACCESS, "ListAudit", &request.base, limit, &list, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	draw_audit(cli, &list);
	say_what_is_audited(cli);
	return STATUS_OK;
}

static const struct flag token_flags[] = {
	{"--scope", 0, "ACTIONS", "at most these, whatever the grants say: read,write,crawl,run"},
	{"--databases", 0, "PATTERN", "only in databases of this name, or that begin so: raw_*"},
	{"--expires", 0, "TIME", "how long it is good for: 30m, 12h, 90d (default: for ever)"},
	{"--description", 0, "TEXT", "what it is for"},
	{NULL, 0, NULL, NULL},
};
static const struct flag audit_flags[] = {
	{"--principal", 0, "NAME", "only calls of this one"},
	{"--kind", 0, "read|write|denied|lost", "only these"},
	{"--on", 0, "PATTERN", "only on this: sales, sales.orders, job/daily"},
	{"--since", 0, "TIME", "from this time on, like 2026-11-23T06:00:00Z"},
	{"--until", 0, "TIME", "before this time"},
	{"--limit", 'n', "N", "at most N entries (default 50)"},
	{"--all", 0, NULL, "without a limit"},
	{"--oldest-first", 0, NULL, "instead of newest first"},
	{NULL, 0, NULL, NULL},
};
static const char see_tokens[] = "'tenon tokens' lists what there is";
static const char see_grants[] = "'tenon grants' lists what there is";

static const struct command rows[] = {
	{"whoami", "", "Who the daemon takes you for, and what you may", "  tenon whoami\n",
		no_flags, 0, 0, NULL, run_whoami},
	{"tokens", "[PRINCIPAL]", "Tokens: your own, or for an administrator all",
		"  tenon tokens\n  tenon tokens alice --json\n", no_flags, 0, 1, NULL, run_tokens},
	{"token create", "PRINCIPAL", "A token for a person or program; its secret is shown once",
		"The secret alone goes to standard output. Programs send it as \"authorization: "
		"Bearer ...\",\n"
		"tenon takes it from TENON_TOKEN or from the file TENON_TOKEN_FILE.\n\n"
		"  tenon token create alice --expires 90d\n"
		"  tenon token create reports --scope read --databases 'sales*' > reports.token\n",
		token_flags, 1, 1, NULL, run_token_create},
	{"token revoke", "TOKEN", "Refuse a token from now on; streams of it end",
		"  tenon token revoke 3f0c9a1be2d45768\n", no_flags, 1, 1, see_tokens,
		run_token_revoke},
	{"grants", "[PRINCIPAL]", "Who may do what: yours, or for an administrator all",
		"  tenon grants\n  tenon grants alice\n", no_flags, 0, 1, NULL, run_grants},
	{"grant add", "PRINCIPAL ACTIONS PATTERN", "Allow read, write, crawl, run or admin",
		"PATTERN is DB.TABLE, DB (all of it), '*' (everything), or a resource like "
		"job/daily;\n"
		"a '*' at the end stands for any rest. PRINCIPAL '*' is everybody who is known.\n"
		"Write includes read, admin everything.\n\n"
		"  tenon grant add alice read,write sales\n"
		"  tenon grant add etl write 'lake.raw_*'\n"
		"  tenon grant add etl run 'job/*'\n",
		no_flags, 3, 3, NULL, run_grant_add},
	{"grant drop", "PRINCIPAL [ACTIONS] PATTERN", "Take a grant away, or some of its actions",
		"  tenon grant drop alice write sales\n  tenon grant drop alice sales\n", no_flags,
		2, 3, see_grants, run_grant_drop},
	{"audit", "", "What was done and refused, newest first",
		"  tenon audit --kind denied --since 2026-11-23T06:00:00Z\n"
		"  tenon audit --principal alice --on 'sales.*' --all --json > audit.json\n",
		audit_flags, 0, 0, NULL, run_audit},
};

const struct commands access_commands = COMMANDS(rows);

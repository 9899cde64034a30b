#include "clients/cli/command.h"
#include "clients/cli/feed_filter.h"
#include "clients/cli/interrupt.h"
#include "clients/cli/names.h"
#include "clients/cli/remedy.h"
#include "clients/cli/render.h"
#include "proto/json.h"

#include <inttypes.h>
#include <pthread.h>

#define FEED &tenon__v1__feed__descriptor

enum { CHANGES_SHOWN = 20, CHANGES_MOST = 1000 };

static enum status run_changes(struct cli *cli, const struct options *options, struct error *err)
{
	struct cli_list list = {0};
	Tenon__V1__WatchRequest filter = TENON__V1__WATCH_REQUEST__INIT;
	Tenon__V1__ListChangesRequest request = TENON__V1__LIST_CHANGES_REQUEST__INIT;
	const char *limit = options_value(options, "--limit");
	uint64_t most = CHANGES_SHOWN;
	TRY(feed_filter_read(cli, options, 0, &filter, err));
	if (limit)
		TRY(cli_number(cli, "--limit", limit, &most, err));
	request.filter = &filter;
	/* The newest are what one wants to see; after a position, those that follow it. */
	request.newest_first = !options_has(options, "--after");
	request.page_size = most < CHANGES_MOST ? (uint32_t)most : CHANGES_MOST;
	TRY(cli_pages(cli, FEED, "ListChanges", &request.base, most, &list, err));
	if (list.count == 0 && filter.database[0])
		TRY(cli_place_exists(cli, filter.database, filter.table, err));
	if (cli->json)
		return cli_json_list(cli, &list, err);
	for (size_t i = 0; i < list.count; i++)
		render_change(&cli->screen, (const Tenon__V1__Change *)(void *)list.items[i]);
	if (list.count == 0)
		screen_text(&cli->screen, PAINT_NONE, "No such changes\n");
	return STATUS_OK;
}

/* Ctrl-C is how a watch is meant to end. */
struct leaving {
	pthread_mutex_t lock;
	struct rpc_reading *reading;
	bool left;
};

static void leave(unsigned count, void *state)
{
	struct leaving *leaving = state;
	(void)count;
	(void)pthread_mutex_lock(&leaving->lock);
	leaving->left = true;
	rpc_read_cancel(leaving->reading);
	(void)pthread_mutex_unlock(&leaving->lock);
}

static enum status show(struct cli *cli, const Tenon__V1__Change *change, struct error *err)
{
	if (!cli->json) {
		render_change(&cli->screen, change);
		return STATUS_OK;
	}
	TRY(json_print(&change->base, JSON_COMPACT, &cli->screen.out, err));
	buffer_add_byte(&cli->screen.out, '\n');
	return STATUS_OK;
}

static enum status follow(struct cli *cli, struct rpc_reading *reading, struct error *err)
{
	OWNED(arena) step = arena_new();
	struct arena *whole = cli->screen.arena;
	enum status status = STATUS_OK;
	/* A watch may last for months: what is drawn lives for one message. */
	cli->screen.arena = step;
	while (status == STATUS_OK) {
		Tenon__V1__WatchResponse *response = NULL;
		arena_reset(step);
		status = rpc_read_next(reading, step, &response, err);
		if (status == STATUS_OK && !response)
			break;
		for (size_t i = 0; status == STATUS_OK && i < response->n_changes; i++)
			status = show(cli, response->changes[i], err);
		cli_flush(cli);
	}
	cli->screen.arena = whole;
	return status;
}

/* What is not there may come, so it is watched all the same; most often it is misspelt. */
static enum status say_if_missing(
	struct cli *cli, const Tenon__V1__WatchRequest *filter, struct error *err)
{
	if (!filter->database[0] ||
		cli_place_exists(cli, filter->database, filter->table, err) == STATUS_OK)
		return STATUS_OK;
	const char *what = remedy(cli, NULL, err);
	(void)fprintf(
		cli->err, "tenon: %s: watching for it\n", printable(cli->arena, err->message));
	if (what)
		(void)fprintf(cli->err, "  %s\n", printable(cli->arena, what));
	(void)fflush(cli->err);
	return STATUS_OK;
}

static enum status run_watch(struct cli *cli, const struct options *options, struct error *err)
{
	Tenon__V1__WatchRequest request = TENON__V1__WATCH_REQUEST__INIT;
	struct rpc_channel *channel = NULL;
	OWNED(rpc_reading) reading = NULL;
	TRY(feed_filter_read(cli, options, 0, &request, err));
	request.from_now = !options_has(options, "--after");
	TRY(say_if_missing(cli, &request, err));
	TRY(cli_channel(cli, &channel, err));
	TRY(rpc_read_open(channel, FEED, "Watch", &request.base, -1, &reading, err));
	struct leaving leaving = {.lock = PTHREAD_MUTEX_INITIALIZER, .reading = reading};
	interrupt_ask(leave, &leaving);
	enum status status = follow(cli, reading, err);
	interrupt_ask(NULL, NULL);
	return leaving.left ? STATUS_OK : status;
}

static const struct flag watch_flags[] = {
	{"--after", 0, "N",
		"from the change behind number N on; 0: from the oldest (default: now)"},
	{"--severity", 0, "safe|widening|breaking", "only changes of tables at least so"},
	{"--kind", 0, "K", "only this kind, like table_updated (may be repeated)"},
	{NULL, 0, NULL, NULL},
};
static const struct flag changes_flags[] = {
	{"--after", 0, "N", "those that follow number N, oldest first"},
	{"--limit", 'n', "N", "at most N (default 20)"},
	{"--severity", 0, "safe|widening|breaking", "only changes of tables at least so"},
	{"--kind", 0, "K", "only this kind, like table_updated (may be repeated)"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"changes", "[DB[.TABLE]]", "What was changed, newest first",
		"  tenon changes sales --limit 5\n  tenon changes --after 120 --json\n",
		changes_flags, 0, 1, see_tables, run_changes},
	{"watch", "[DB[.TABLE]]", "Each change as it is made, until Ctrl-C",
		"With --json one document per line; its \"sequence\" is what --after takes, so "
		"that a\n"
		"watch goes on where another ended.\n\n"
		"  tenon watch sales.orders --severity breaking\n  tenon watch --after 0 --json\n",
		watch_flags, 0, 1, see_tables, run_watch},
};

const struct commands feed_commands = COMMANDS(rows);

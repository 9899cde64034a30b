#include "clients/cli/command.h"
#include "clients/cli/part_file.h"
#include "clients/cli/render.h"
#include "tenon/v1/operations.pb-c.h"

#include <inttypes.h>
#include <string.h>

#define OPERATIONS &tenon__v1__operations__descriptor

static enum status run_status(struct cli *cli, const struct options *options, struct error *err)
{
	(void)options;
	Tenon__V1__GetStatusRequest request = TENON__V1__GET_STATUS_REQUEST__INIT;
	Tenon__V1__GetStatusResponse *now = NULL;
	struct screen *screen = &cli->screen;
	TRY(cli_call(cli, OPERATIONS, "GetStatus", &request.base, &now, err));
	if (cli->json)
		return cli_json(cli, &now->base, err);
	screen_printf(screen, PAINT_NONE, "tenond %s, process %u, since %s, %s of memory\n",
		now->version, now->pid, human_time(cli->arena, now->start_time_us),
		human_bytes(cli->arena, now->memory_bytes));
	screen_printf(screen, PAINT_NONE, "catalog  %s, %s; %" PRIu64 " changes\n",
		human_things(cli->arena, now->databases, "database"),
		human_things(cli->arena, now->tables, "table"), now->feed_sequence);
	screen_printf(screen, PAINT_NONE, "store    format %u, file %s, used %s\n", now->format,
		human_bytes(cli->arena, now->store_bytes),
		human_bytes(cli->arena, now->store_used_bytes));
	screen_printf(screen, PAINT_NONE,
		"writes   %s done, %s%s%s failed, %s waiting, in %s since the start\n",
		human_count(cli->arena, now->writes),
		now->write_refusals ? human_count(cli->arena, now->write_refusals) : "",
		now->write_refusals ? " refused, " : "",
		human_count(cli->arena, now->write_failures), human_count(cli->arena, now->queued),
		human_things(cli->arena, now->commits, "commit"));
	screen_printf(screen, PAINT_NONE, "reads    %s of the store, the oldest for %.1f s\n",
		human_things(cli->arena, now->readers, "view"), (double)now->oldest_view_ms / 1e3);
	if (now->audit[0])
		screen_printf(screen, PAINT_NONE, "audit    %s\n", now->audit);
	return STATUS_OK;
}

/* All of the stream into the file; the last message, without its data, in cli->arena. */
static enum status receive(struct cli *cli, const struct part_file *file,
	Tenon__V1__BackupResponse *last_out, uint64_t *bytes_out, struct error *err)
{
	Tenon__V1__BackupRequest request = TENON__V1__BACKUP_REQUEST__INIT;
	struct rpc_channel *channel = NULL;
	OWNED(rpc_reading) reading = NULL;
	OWNED(arena) arena = arena_new();
	uint64_t told = 0;
	TRY(cli_channel(cli, &channel, err));
	TRY(rpc_read_open(channel, OPERATIONS, "Backup", &request.base, -1, &reading, err));
	for (;;) {
		Tenon__V1__BackupResponse *piece = NULL;
		arena_reset(arena);
		TRY(rpc_read_next(reading, arena, &piece, err));
		if (!piece)
			break;
		TRY(part_file_write(
			file, (struct text){(const char *)piece->data.data, piece->data.len}, err));
		*bytes_out += piece->data.len;
		last_out->total_bytes = piece->total_bytes;
		if (piece->sha256[0])
			last_out->sha256 = arena_text(cli->arena, text_of(piece->sha256));
		uint64_t percent = piece->total_bytes ? 100 * *bytes_out / piece->total_bytes : 100;
		if (cli->err_is_terminal && percent != told)
			(void)fprintf(cli->err, "\r\033[K%" PRIu64 " %%", percent);
		told = percent;
	}
	if (cli->err_is_terminal)
		(void)fprintf(cli->err, "\r\033[K");
	if (!last_out->sha256[0] || *bytes_out != last_out->total_bytes)
		return fail(err, STATUS_DATA_LOSS,
			"the backup ended after %" PRIu64 " of %" PRIu64 " bytes: try again",
			*bytes_out, last_out->total_bytes);
	char sum[PART_FILE_SUM_BYTES];
	TRY(part_file_sum(file, sum, err));
	if (strcmp(sum, last_out->sha256) != 0)
		return fail(err, STATUS_DATA_LOSS,
			"what was written has the sum %s, and %s was sent: try again", sum,
			last_out->sha256);
	return STATUS_OK;
}

static enum status run_backup(struct cli *cli, const struct options *options, struct error *err)
{
	const char *file = options->arguments[0];
	Tenon__V1__BackupResponse last = TENON__V1__BACKUP_RESPONSE__INIT;
	struct part_file part;
	uint64_t bytes = 0;
	TRY(part_file_open(cli, file, options_has(options, "--force"), &part, err));
	TRY(part_file_end(&part, receive(cli, &part, &last, &bytes, err), err));
	if (cli->json)
		return cli_json(cli, &last.base, err);
	screen_printf(&cli->screen, PAINT_NONE, "%s in '%s'\nsha256 %s\n",
		human_bytes(cli->arena, bytes), file, last.sha256);
	return STATUS_OK;
}

static void draw_problems(struct cli *cli, const Tenon__V1__CheckResponse *answer)
{
	struct screen *screen = &cli->screen;
	for (size_t i = 0; i < answer->n_problems; i++) {
		const Tenon__V1__Problem *problem = answer->problems[i];
		screen_text(screen, PAINT_RED, problem->invariant);
		screen_printf(screen, PAINT_NONE, "  %s: %s\n", problem->place, problem->message);
	}
	screen_printf(screen, PAINT_NONE, "%s looked at, %s\n",
		human_things(cli->arena, answer->records, "record"),
		answer->n_problems ? human_things(cli->arena, answer->n_problems, "problem")
				   : "no problem");
}

static enum status run_fsck(struct cli *cli, const struct options *options, struct error *err)
{
	(void)options;
	Tenon__V1__CheckRequest request = TENON__V1__CHECK_REQUEST__INIT;
	Tenon__V1__CheckResponse *answer = NULL;
	struct rpc_channel *channel = NULL;
	OWNED(rpc_reading) reading = NULL;
	TRY(cli_channel(cli, &channel, err));
	TRY(rpc_read_open(channel, OPERATIONS, "Check", &request.base, -1, &reading, err));
	while (!answer || !answer->finished) {
		TRY(rpc_read_next(reading, cli->arena, &answer, err));
		if (answer && cli->err_is_terminal)
			(void)fprintf(cli->err, "\r\033[K%s %s",
				human_things(cli->arena, answer->records, "record"),
				answer->finished ? "" : answer->phase);
		if (!answer)
			return fail(err, STATUS_UNAVAILABLE, "the check ended early: try again");
	}
	if (cli->err_is_terminal)
		(void)fprintf(cli->err, "\r\033[K");
	cli->failed = answer->n_problems > 0;
	if (cli->json)
		return cli_json(cli, &answer->base, err);
	draw_problems(cli, answer);
	return STATUS_OK;
}

static const struct flag backup_flags[] = {
	{"--force", 0, NULL, "replace FILE when it is there"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"status", "", "How the daemon and its store are", "  tenon status\n", no_flags, 0, 0, NULL,
		run_status},
	{"backup", "FILE", "A copy of the whole catalog, while work goes on",
		"The copy is of one moment and is compacted. FILE.part is written, synced, and\n"
		"renamed when it is whole. Data files are not in it.\n"
		"\n"
		"  tenon backup tenon-$(date +%F).mdb\n"
		"  tenond --restore tenon-2026-11-23.mdb --data ./elsewhere\n",
		backup_flags, 1, 1, NULL, run_backup},
	{"fsck", "", "Check that the catalog is consistent",
		"Walks every record, on a view of one moment, while work goes on. Exits with 1\n"
		"when something is amiss.\n"
		"\n"
		"  tenon fsck\n",
		no_flags, 0, 0, NULL, run_fsck},
};

const struct commands operations_commands = COMMANDS(rows);

#include "base/buffer.h"
#include "base/limits.h"
#include "clients/cli/command.h"
#include "clients/cli/part_file.h"
#include "clients/cli/render.h"
#include "tenon/v1/operations.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The catalog as lines of JSON: out of one daemon, into another. */

#define OPERATIONS &tenon__v1__operations__descriptor

enum { PART_BYTES = 1024 * 1024, LINE_BYTES_MAX = LIMIT_MESSAGE_BYTES - 1024 };

static void tell(struct cli *cli, uint64_t records)
{
	if (cli->err_is_terminal)
		(void)fprintf(cli->err, "\r\033[K%" PRIu64 " records", records);
}

static void tell_no_more(struct cli *cli)
{
	if (cli->err_is_terminal)
		(void)fprintf(cli->err, "\r\033[K");
}

/* The last line is the only one that begins so. */
static bool is_the_end(struct text lines)
{
	size_t before = text_find_last(text_until(lines, lines.length - 1), '\n');
	return text_starts(
		text_from(lines, before == SIZE_MAX ? 0 : before + 1), TEXT("{\"tail\":"));
}

static enum status receive(struct cli *cli, const Tenon__V1__ExportRequest *request,
	const struct part_file *file, uint64_t *records_out, struct error *err)
{
	struct rpc_channel *channel = NULL;
	OWNED(rpc_reading) reading = NULL;
	OWNED(arena) arena = arena_new();
	bool whole = false;
	TRY(cli_channel(cli, &channel, err));
	TRY(rpc_read_open(channel, OPERATIONS, "Export", &request->base, -1, &reading, err));
	for (;;) {
		Tenon__V1__ExportResponse *piece = NULL;
		arena_reset(arena);
		TRY(rpc_read_next(reading, arena, &piece, err));
		if (!piece)
			break;
		struct text lines = {(const char *)piece->data.data, piece->data.len};
		TRY(part_file_write(file, lines, err));
		*records_out = piece->records;
		tell(cli, piece->records);
		whole = is_the_end(lines);
	}
	tell_no_more(cli);
	if (!whole)
		return fail(err, STATUS_DATA_LOSS,
			"the export ended after %" PRIu64 " records: try again", *records_out);
	return STATUS_OK;
}

static enum status run_export(struct cli *cli, const struct options *options, struct error *err)
{
	const char *file = options->arguments[0];
	Tenon__V1__ExportRequest request = TENON__V1__EXPORT_REQUEST__INIT;
	Tenon__V1__ImportResponse done = TENON__V1__IMPORT_RESPONSE__INIT;
	struct part_file part;
	request.without_secrets = !options_has(options, "--with-secrets");
	TRY(part_file_open(cli, file, options_has(options, "--force"), &part, err));
	TRY(part_file_end(&part, receive(cli, &request, &part, &done.records, err), err));
	if (!part.part)
		return STATUS_OK;
	if (cli->json)
		return cli_json(cli, &done.base, err);
	screen_printf(&cli->screen, PAINT_NONE, "%s in '%s'\n",
		human_things(cli->arena, done.records, "record"), file);
	return STATUS_OK;
}

/* Lines from a file, in parts that end with a line's end. */
struct lines {
	FILE *file;
	const char *name;
	struct buffer bytes;
	bool begun;
	bool ended;
};

static enum status read_part(struct lines *lines, struct text *part_out, struct error *err)
{
	struct buffer *bytes = &lines->bytes;
	size_t last;
	for (;;) {
		last = text_find_last(buffer_text(bytes), '\n');
		if (lines->ended || (last != SIZE_MAX && bytes->length >= PART_BYTES))
			break;
		char *at = buffer_reserve(bytes, PART_BYTES);
		if (!at)
			return fail(err, STATUS_RESOURCE_EXHAUSTED,
				"a line of '%s' is longer than %u bytes", lines->name,
				(unsigned)LINE_BYTES_MAX);
		size_t got = fread(at, 1, PART_BYTES, lines->file);
		bytes->length += got;
		lines->ended = got == 0;
	}
	if (ferror(lines->file))
		return fail(err, STATUS_FAILED_PRECONDITION, "read '%s': %s", lines->name,
			strerrordesc_np(errno));
	/* Asked before a daemon complains of a catalog that is not empty. */
	if (!lines->begun && bytes->length && !text_starts(buffer_text(bytes), TEXT("{\"head\":")))
		return fail(err, STATUS_INVALID_ARGUMENT,
			"'%s' is not what 'tenon export' wrote: 'tenon import glue' and 'tenon "
			"import "
			"hive' read what AWS Glue and Hive print",
			lines->name);
	lines->begun = true;
	if (bytes->length && last == SIZE_MAX)
		return fail(err, STATUS_DATA_LOSS, "'%s' is cut short: its last line has no end",
			lines->name);
	*part_out = text_until(buffer_text(bytes), bytes->length ? last + 1 : 0);
	return STATUS_OK;
}

static enum status send(
	struct cli *cli, struct lines *lines, uint64_t *records_out, struct error *err)
{
	struct rpc_channel *channel = NULL;
	OWNED(arena) arena = arena_new();
	Tenon__V1__ImportRequest request = TENON__V1__IMPORT_REQUEST__INIT;
	TRY(cli_channel(cli, &channel, err));
	for (request.first = true; !request.finish; request.first = false) {
		struct text part;
		Tenon__V1__ImportResponse *answer = NULL;
		arena_reset(arena);
		TRY(read_part(lines, &part, err));
		request.data = (ProtobufCBinaryData){part.length, (uint8_t *)(uintptr_t)part.at};
		request.finish = lines->ended;
		/* The last part is put in place and checked. */
		TRY(rpc_invoke(
			channel, OPERATIONS, "Import", &request.base, -1, arena, &answer, err));
		size_t rest = lines->bytes.length - part.length;
		memmove(lines->bytes.at, lines->bytes.at + part.length, rest);
		lines->bytes.length = rest;
		tell(cli, answer->records);
		*records_out = answer->records;
	}
	tell_no_more(cli);
	return STATUS_OK;
}

static enum status run_import(struct cli *cli, const struct options *options, struct error *err)
{
	const char *name = options->arguments[0];
	bool is_standard = strcmp(name, "-") == 0;
	struct lines lines = {.name = name};
	Tenon__V1__ImportResponse done = TENON__V1__IMPORT_RESPONSE__INIT;
	lines.file = is_standard ? stdin : fopen(name, "re");
	if (!lines.file)
		return fail(err, STATUS_FAILED_PRECONDITION, "open '%s': %s", name,
			strerrordesc_np(errno));
	buffer_init(&lines.bytes, LINE_BYTES_MAX);
	enum status status = send(cli, &lines, &done.records, err);
	buffer_done(&lines.bytes);
	if (!is_standard)
		(void)fclose(lines.file);
	TRY(status);
	if (cli->json)
		return cli_json(cli, &done.base, err);
	screen_printf(&cli->screen, PAINT_NONE, "%s from '%s'\n",
		human_things(cli->arena, done.records, "record"), name);
	return STATUS_OK;
}

static const struct flag export_flags[] = {
	{"--with-secrets", 0, NULL, "secrets as they are; else \"***\" stands in their place"},
	{"--force", 0, NULL, "replace FILE when it is there"},
	{NULL, 0, NULL, NULL},
};

static const struct command rows[] = {
	{"export", "FILE|-", "Everything in the catalog as lines of JSON",
		"Of one moment, with every version, bookmark and grant. FILE.part is written,\n"
		"synced, and renamed when it is whole. For another catalog, or to read.\n"
		"\n"
		"  tenon export tenon.jsonl\n"
		"  tenon export - | jq -r 'select(.in == \"tables\") | .value.name'\n",
		export_flags, 1, 1, NULL, run_export},
	{"import", "FILE|-", "An export into a catalog that is empty",
		"Every line is checked, then all are put in place at once, or none.\n"
		"\n"
		"  tenon import tenon.jsonl\n"
		"  tenon export - --with-secrets | tenon import - --address unix:./other/socket\n",
		no_flags, 1, 1, NULL, run_import},
};

const struct commands export_commands = COMMANDS(rows);

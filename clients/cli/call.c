#include "base/memory.h"
#include "clients/cli/cli.h"
#include "clients/cli/interrupt.h"
#include "proto/json.h"

enum { REACH_MS = 10000 };

enum status cli_channel(struct cli *cli, struct rpc_channel **channel_out, struct error *err)
{
	if (!cli->channel) {
		/* Before gRPC's threads exist, so that they inherit the blocked signals. */
		interrupt_start();
		TRY(rpc_settings_open(&cli->daemon, &cli->channel, err));
		TRY(rpc_channel_reach(
			cli->channel, cli->timeout_ms ? cli->timeout_ms : REACH_MS, err));
	}
	*channel_out = cli->channel;
	return STATUS_OK;
}

enum status cli_call(struct cli *cli, const ProtobufCServiceDescriptor *service, const char *method,
	const ProtobufCMessage *request, void *response_out, struct error *err)
{
	struct rpc_channel *channel = NULL;
	TRY(cli_channel(cli, &channel, err));
	return rpc_invoke(
		channel, service, method, request, cli->timeout_ms, cli->arena, response_out, err);
}

enum status cli_json(struct cli *cli, const ProtobufCMessage *message, struct error *err)
{
	TRY(json_print(message, JSON_PRETTY, &cli->screen.out, err));
	buffer_add_byte(&cli->screen.out, '\n');
	return STATUS_OK;
}

void cli_list_add(struct cli *cli, struct cli_list *list, void *items, size_t count)
{
	size_t needed = list->count + count;
	if (needed > list->capacity) {
		size_t grown = memory_grown(list->capacity, needed);
		list->items =
			arena_grow(cli->arena, list->items, list->count, grown, sizeof(void *));
		list->capacity = grown;
	}
	if (count)
		memcpy(list->items + list->count, items, count * sizeof(void *));
	list->count = needed;
}

enum status cli_json_list(struct cli *cli, const struct cli_list *list, struct error *err)
{
	struct buffer *out = &cli->screen.out;
	struct buffer SCOPED_BUFFER one;
	buffer_init(&one, SCREEN_BYTES_MAX);
	buffer_add_byte(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		buffer_clear(&one);
		TRY(json_print(list->items[i], JSON_PRETTY, &one, err));
		buffer_add_string(out, i ? ",\n  " : "\n  ");
		/* Line ends inside texts are escaped, so these are all of the layout. */
		struct text rest = buffer_text(&one);
		struct text line;
		bool more = true;
		for (bool first = true; text_split(&rest, &more, '\n', &line); first = false) {
			if (!first)
				buffer_add_string(out, "\n  ");
			buffer_add_text(out, line);
		}
	}
	buffer_add_string(out, list->count ? "\n]\n" : "]\n");
	return buffer_check(out, "JSON text", err);
}

enum status cli_number(
	struct cli *cli, const char *what, const char *text, uint64_t *value_out, struct error *err)
{
	struct text all = text_of(text);
	if (all.length == 0 || text_uint64(all, value_out) != all.length)
		return cli_usage(cli, err, "%s is a whole number, not '%s'", what, text);
	return STATUS_OK;
}

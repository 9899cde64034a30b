#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "clients/cli/options.h"
#include "clients/cli/screen.h"
#include "rpc/client.h"
#include "rpc/settings.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdio.h>

/* One call of the program: where it talks to, and where it prints. Commands draw
 * on `screen` and never print by themselves, but for progress on `err`; what they
 * drew is printed when they return, whatever they return. */
struct cli {
	FILE *out;
	FILE *err;
	struct arena *arena; /* lives as long as the call */
	struct screen screen;
	const char *address;
	int64_t timeout_ms; /* of an answer; 0: what is usual */
	struct rpc_settings daemon; /* the address again, and how it is reached */
	bool json;
	bool err_is_terminal;
	bool err_color;
	bool usage; /* the failure is the caller's usage: exit code 2 */
	bool failed; /* all was said, and the answer is no: exit code 1 */
	const char *ambiguous; /* a name with more points than one, as it was typed */
	struct rpc_channel *channel; /* by cli_channel */
};

/* The whole program; returns its exit code: 0 done, 1 failed, 2 usage. */
int cli_run(int argc, char **argv, FILE *out, FILE *err);

/* What the program's own options and the environment say, and the terminal. */
enum status cli_set_up(struct cli *cli, const struct options *options, struct error *err) MUST_USE;
enum status cli_usage(struct cli *cli, struct error *err, const char *format, ...)
	PRINTF_LIKE(3, 4);
void cli_flush(struct cli *cli); /* print what was drawn so far */

/* Opened at the first call. */
enum status cli_channel(
	struct cli *cli, struct rpc_channel **channel_out, struct error *err) MUST_USE;
/* A unary call; the response lives in cli->arena. */
enum status cli_call(struct cli *cli, const ProtobufCServiceDescriptor *service, const char *method,
	const ProtobufCMessage *request, void *response_out, struct error *err) MUST_USE;

/* Draws one JSON document. */
enum status cli_json(struct cli *cli, const ProtobufCMessage *message, struct error *err) MUST_USE;
/* Draws one JSON array of messages; grown page by page. */
struct cli_list {
	ProtobufCMessage **items;
	size_t count;
	size_t capacity;
};
void cli_list_add(struct cli *cli, struct cli_list *list, void *items, size_t count);
/* The rows of every page of a listing, at most `most`: `request` has a page_token, the
 * answer one list and a next_page_token. */
enum status cli_pages(struct cli *cli, const ProtobufCServiceDescriptor *service,
	const char *method, ProtobufCMessage *request, uint64_t most, struct cli_list *list,
	struct error *err) MUST_USE;
enum status cli_json_list(struct cli *cli, const struct cli_list *list, struct error *err) MUST_USE;

enum status cli_number(struct cli *cli, const char *what, const char *text, uint64_t *value_out,
	struct error *err) MUST_USE;

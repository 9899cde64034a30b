#pragma once

#include "rpc/client.h"

#include <stdbool.h>

/* How a program is told of its daemon: by its command line, and for what that leaves
 * out by the environment. A token is never an option: everybody on the machine can read
 * the command lines of its processes. */
struct rpc_settings {
	const char *address; /* must be there */
	bool tls; /* TENON_TLS, when it is not empty */
	const char *ca; /* TENON_TLS_CA */
	const char *certificate; /* TENON_TLS_CERT */
	const char *key; /* TENON_TLS_KEY */
	const char *server_name; /* TENON_TLS_SERVER_NAME */
	const char *token_file; /* else TENON_TOKEN, the token itself; else TENON_TOKEN_FILE */
	bool token_in_the_clear;
};

/* As rpc_channel_open_with; also fails when the token's file cannot be read. */
enum status rpc_settings_open(const struct rpc_settings *settings, struct rpc_channel **channel_out,
	struct error *err) MUST_USE;

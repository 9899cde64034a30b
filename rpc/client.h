#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/* Calls to a server. A channel connects when first used and again when lost.
 * Calls block; a channel serves several threads at a time. */
struct rpc_channel;

struct rpc_channel_options {
	const char *address; /* "unix:PATH" or "HOST:PORT" */
	const char *token; /* NULL: none */
	/* TLS, to a HOST:PORT; a unix socket is always plain. Any of the files means TLS too. */
	bool tls;
	const char *ca; /* PEM file: who signs the server's certificate; NULL: the system's */
	const char *certificate; /* PEM file: the client's own; NULL: none */
	const char *key; /* of the certificate */
	const char *server_name; /* that its certificate must have; NULL: HOST */
	/* Without it a token is not sent in the clear to other machines. */
	bool token_in_the_clear;
};
/* INVALID_ARGUMENT and others before anything is dialed: an address, a token or a file
 * that cannot be meant. */
enum status rpc_channel_open_with(const struct rpc_channel_options *options,
	struct rpc_channel **channel_out, struct error *err) MUST_USE;
/* Plain. `token` may be NULL. */
enum status rpc_channel_open(const char *address, const char *token,
	struct rpc_channel **channel_out, struct error *err) MUST_USE;
void rpc_channel_free(struct rpc_channel *channel);
OWNABLE(rpc_channel);

/* Connects, unless it is; UNAVAILABLE when the server has not said its first word within
 * `timeout_ms`, as one that is stopped. Of a server that refuses the next call tells. */
enum status rpc_channel_reach(
	struct rpc_channel *channel, int64_t timeout_ms, struct error *err) MUST_USE;

/* One unary call of `service` (as `tenon__v1__catalog__descriptor`): the response
 * is unpacked into `arena`. `timeout_ms` 0: one minute; negative: none. The
 * server's status and message come back in `err`; UNAVAILABLE says which address. */
enum status rpc_invoke(struct rpc_channel *channel, const ProtobufCServiceDescriptor *service,
	const char *method, const ProtobufCMessage *request, int64_t timeout_ms,
	struct arena *arena, void *response_out, struct error *err) MUST_USE;

/* A server-streaming call. */
struct rpc_reading;
enum status rpc_read_open(struct rpc_channel *channel, const ProtobufCServiceDescriptor *service,
	const char *method, const ProtobufCMessage *request, int64_t timeout_ms,
	struct rpc_reading **reading_out, struct error *err) MUST_USE;
/* The next message in `arena`, or NULL at the end. */
enum status rpc_read_next(struct rpc_reading *reading, struct arena *arena, void *message_out,
	struct error *err) MUST_USE;
void rpc_read_cancel(struct rpc_reading *reading); /* from any thread */
void rpc_reading_free(struct rpc_reading *reading);
OWNABLE(rpc_reading);

#pragma once

#include "base/error.h"
#include "base/owned.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

/* gRPC Core made small: serves any protobuf-c service by its descriptor, with
 * reflection (v1, v1alpha) and health. One completion queue, one poller for two
 * cores (at least 1, at most 4). Block SIGTERM and SIGINT before rpc_server_new: gRPC starts
 * threads. */
struct rpc_server;

struct rpc_server_options {
	const char *address; /* "unix:PATH" or "HOST:PORT"; port 0: any free one */
	const void *descriptors; /* a FileDescriptorSet, for reflection and streaming flags */
	size_t descriptors_length;
	size_t requests_bytes; /* 0: LIMIT_REQUESTS_BYTES */
	unsigned pollers; /* 0: half the cores, 1 to 4 */
};

enum status rpc_server_new(const struct rpc_server_options *options, struct rpc_server **server_out,
	struct error *err) MUST_USE;
/* Serve it: before rpc_server_start. Borrowed. */
void rpc_server_add(struct rpc_server *server, ProtobufCService *service);
/* UNAVAILABLE when the address cannot be bound, saying so and by whom if known. */
enum status rpc_server_start(struct rpc_server *server, struct error *err) MUST_USE;
const char *rpc_server_address(const struct rpc_server *server); /* with the real port */
/* Health goes to NOT_SERVING, no new calls; waits up to drain_ms for those that
 * run, then cancels them; returns when every handler has answered. Once. */
void rpc_server_stop(struct rpc_server *server, unsigned drain_ms);
void rpc_server_free(struct rpc_server *server); /* after stop */
OWNABLE(rpc_server);

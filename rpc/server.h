#pragma once

#include "base/error.h"
#include "base/owned.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* gRPC Core made small: serves any protobuf-c service by its descriptor, with
 * reflection (v1, v1alpha) and health. One completion queue, one poller for two
 * cores (at least 1, at most 4). Block SIGTERM and SIGINT before rpc_server_new: gRPC starts
 * threads. */
struct rpc_server;

/* PEM files, all borrowed until the server is freed. */
struct rpc_server_tls {
	const char *certificate; /* the server's own, then its intermediates; NULL: no TLS */
	const char *key; /* of the certificate, not encrypted */
	/* Whose client certificates are believed; NULL: clients are not asked for one. */
	const char *client_ca;
	bool require_client_certificate; /* else a client may come without */
};

struct rpc_server_options {
	const char *address; /* "unix:PATH" or "HOST:PORT"; port 0: any free one */
	const char *const *more; /* further addresses, up to a NULL; or NULL */
	/* Of every HOST:PORT. A unix socket is always plain: its folder says who may. */
	struct rpc_server_tls tls;
	const void *descriptors; /* a FileDescriptorSet, for reflection and streaming flags */
	size_t descriptors_length;
	size_t requests_bytes; /* 0: LIMIT_REQUESTS_BYTES */
	unsigned pollers; /* 0: half the cores, 1 to 4 */
};

/* Also fails when the certificate or key cannot be used, saying which and why. */
enum status rpc_server_new(const struct rpc_server_options *options, struct rpc_server **server_out,
	struct error *err) MUST_USE;
/* Serve it: before rpc_server_start. Borrowed. */
void rpc_server_add(struct rpc_server *server, ProtobufCService *service);
/* UNAVAILABLE when the address cannot be bound, saying so and by whom if known. */
enum status rpc_server_start(struct rpc_server *server, struct error *err) MUST_USE;
const char *rpc_server_address(const struct rpc_server *server); /* with the real port */
/* The same of the index-th address; NULL past the last. */
const char *rpc_server_address_at(const struct rpc_server *server, size_t index);
/* Look at the certificate's files again: with new ones *renewed_out is true, and they are
 * in force from the next connection on. What is wrong with them is told once, until it
 * changes; the server goes on with what it has. Any thread, and without TLS too. */
enum status rpc_server_renew(
	struct rpc_server *server, bool *renewed_out, struct error *err) MUST_USE;
/* When the certificate ends, in seconds since 1970; 0: there is no TLS. */
int64_t rpc_server_certificate_until_s(struct rpc_server *server);
/* Health goes to NOT_SERVING, no new calls; waits up to drain_ms for those that
 * run, then cancels them; returns when every handler has answered. Once. */
void rpc_server_stop(struct rpc_server *server, unsigned drain_ms);
void rpc_server_free(struct rpc_server *server); /* after stop */
OWNABLE(rpc_server);

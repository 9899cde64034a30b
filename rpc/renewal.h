#pragma once

#include "rpc/identity.h"

#include <grpc/grpc_security.h>
#include <stdbool.h>

/* A server's identity that may change while it serves: the files are looked at when
 * told, and a new identity is in force from the next connection on. Only for files of
 * this room. */
struct renewal;

/* The paths are borrowed. Fails as identity_read does. */
enum status renewal_new(const struct identity_files *files, bool require_client_certificate,
	struct renewal **renewal_out, struct error *err) MUST_USE;
/* For one port: each must have its own. Borrows the renewal. */
grpc_server_credentials *renewal_credentials(struct renewal *renewal);
/* Read the files again. What is wrong with them is an error once, until it is another
 * one; the old identity stays. Any thread. */
enum status renewal_look(struct renewal *renewal, bool *renewed_out, struct error *err) MUST_USE;
int64_t renewal_until_s(struct renewal *renewal); /* identity.until_s of the one in force */
void renewal_free(struct renewal *renewal); /* after the server */
OWNABLE(renewal);

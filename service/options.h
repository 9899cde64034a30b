#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "catalog/feed_trim.h"
#include "service/auditing.h"

#include <stdbool.h>

#define TENOND_VERSION "0.1.0"

enum { LISTEN_MAX = 8 };

/* What tenond was told on its command line, with defaults filled in. Texts live in
 * the arena that was given. */
struct options {
	const char *data; /* absolute */
	const char *restore; /* a backup to make the data of, instead of serving; or NULL */
	const char *listen[LISTEN_MAX + 1]; /* at least one, up to a NULL */
	/* PEM files; NULL: none. With a certificate every HOST:PORT speaks TLS. */
	const char *tls_certificate;
	const char *tls_key;
	const char *tls_client_ca;
	bool require_client_certificate;
	const char *worker; /* program */
	unsigned workers; /* at a time */
	enum log_level log_level;
	struct feed_keep feed_keep; /* of the change feed */
	bool auth; /* every call brings a token or a certificate, and is held to grants */
	enum audit_level audit;
	unsigned audit_days; /* that entries are kept */
	const char *webhook_ca; /* whom webhooks trust, a PEM file; NULL: whom the system does */
	bool insecure; /* reachable by others without TLS or authentication */
	bool help;
	bool version;
};

/* INVALID_ARGUMENT says which argument, and what to give instead. */
enum status options_read(struct arena *arena, int argc, char *const *argv,
	struct options *options_out, struct error *err) MUST_USE;
extern const char options_help[];

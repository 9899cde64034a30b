#pragma once

#include "base/error.h"
#include "base/owned.h"

#include <stdbool.h>
#include <stdint.h>

/* What one side of a TLS connection is and believes: a certificate with its key, and the
 * authorities whose certificates it accepts. Only for files of this room. */

/* PEM files; each may be NULL, but a certificate comes with its key. */
struct identity_files {
	const char *certificate; /* its own, then the intermediates */
	const char *key; /* not encrypted */
	const char *authorities;
};

/* The same in PEM, NULL where no file is. */
struct identity {
	char *certificate;
	char *key;
	char *authorities;
	int64_t until_s; /* since 1970: the certificate's end; 0: none */
};

/* Reads and checks: that they are PEM and bounded by LIMIT_PEM_BYTES, that the key is the
 * certificate's, that the certificate may be used now and TLS has no other objection
 * (a key that is too short). The error names the file. */
enum status identity_read(const struct identity_files *files, struct identity **identity_out,
	struct error *err) MUST_USE;
bool identity_equal(const struct identity *a, const struct identity *b);
void identity_free(struct identity *identity);
OWNABLE(identity);

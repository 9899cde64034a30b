#pragma once

#include "catalog/catalog.h"

/* Page tokens: the last key given, so that deletes between pages skip nothing,
 * sealed with a secret of this catalog and with what is being listed. Hex of
 * seal(16) · kind and key, encrypted: a listing goes past what the caller may not see, and
 * its token must not say where it stands. One from elsewhere, cut or edited is an error. */
enum token_kind {
	TOKEN_DATABASES = 1,
	TOKEN_TABLES,
	TOKEN_VERSIONS,
	TOKEN_PARTITIONS,
	TOKEN_JOBS,
	TOKEN_RUNS,
	TOKEN_DROPPED,
	TOKEN_SEARCH,
	TOKEN_FUNCTIONS,
	TOKEN_CONNECTIONS,
	TOKEN_CONFLICTS,
	TOKEN_REGISTRIES,
	TOKEN_SCHEMAS,
	TOKEN_SCHEMA_VERSIONS,
	TOKEN_CHANGES,
	TOKEN_TOKENS,
	TOKEN_GRANTS,
	TOKEN_AUDIT,
};

/* `context` is what else was asked: a folded name, an expression. */
struct text token_seal(struct catalog_txn *txn, enum token_kind kind, struct text context,
	struct text key, struct arena *arena);
/* The key; empty for an empty token. INVALID_ARGUMENT when it is not ours. */
enum status token_open(struct catalog_txn *txn, enum token_kind kind, struct text context,
	struct text token, struct arena *arena, struct text *key_out, struct error *err) MUST_USE;

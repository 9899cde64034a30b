#pragma once

#include "catalog/catalog.h"
#include "tenon/v1/connections.pb-c.h"

/* How to reach databases, brokers and services, by name (case counts). Secrets are
 * stored as they were sent, in the catalog's folder that its owner alone can read;
 * what is handed out has "***" in their place unless it is asked for with them. */
struct connection_put {
	const Tenon__V1__Connection *connection;
	bool must_be_new; /* ALREADY_EXISTS when it is there */
	bool must_exist; /* NOT_FOUND when it is not */
};
/* A secret property that reads "***", and a password inside another that does, keeps
 * its stored value. `connection_out` has no
 * secrets. The same again writes nothing. */
enum status connection_put(struct catalog_txn *txn, const struct connection_put *put,
	struct arena *arena, Tenon__V1__Connection **connection_out, bool *created_out,
	struct error *err) MUST_USE;
enum status connection_get(struct catalog_txn *txn, struct text name, bool with_secrets,
	struct arena *arena, Tenon__V1__Connection **connection_out, struct error *err) MUST_USE;
enum status connection_delete(
	struct catalog_txn *txn, struct text name, struct error *err) MUST_USE;
/* In the order of names, without secrets; `type` empty: all; those that have every
 * one of `criteria`. */
enum status connection_list(struct catalog_txn *txn, const Tenon__V1__ListConnectionsRequest *asked,
	struct arena *arena, Tenon__V1__ListConnectionsResponse *answer,
	struct error *err) MUST_USE;

/* As it is handed out without secrets: "***" in their place, and in that of passwords
 * inside other properties (catalog/value_secret.h). */
void connection_hide(Tenon__V1__Connection *connection, struct arena *arena);

/* Whether a property is secret by its name: PASSWORD, SECRET, TOKEN, PRIVATE_KEY at
 * its end, in any case; or because the connection says so. */
bool connection_key_is_secret(const Tenon__V1__Connection *connection, struct text key);

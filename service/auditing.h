#pragma once

#include "catalog/audit.h"
#include "service/access.h"

/* The audit log as calls meet it. Writes are put down in their own transaction; reads,
 * denials and failures wait in memory, alike ones counted together, until the chores'
 * thread writes them: within two seconds, or sooner when there are many. What finds no
 * room is counted, and the log says how many were lost. */
struct auditing;

enum audit_level {
	AUDIT_NONE,
	AUDIT_WRITES, /* and denials */
	AUDIT_ALL, /* and reads */
	AUDIT_UNSAID, /* of options: not yet known */
};

const char *audit_level_name(enum audit_level level); /* "writes"; "none" when unsaid */

struct auditing *auditing_new(struct catalog *catalog, enum audit_level level);
void auditing_free(struct auditing *auditing); /* what waits is gone: flush first */
OWNABLE(auditing);
enum audit_level auditing_level(const struct auditing *auditing);

enum audit_kind { AUDITED_READ, AUDITED_WRITE, AUDITED_DENIED };
struct audited {
	enum audit_kind kind;
	const struct caller *caller;
	const char *method;
	const char *resource;
	enum status status;
	const char *message; /* of a failure; "" */
};
/* Any thread; never waits. True when so many wait that they should be written now. */
bool auditing_note(struct auditing *auditing, const struct audited *audited);
/* In the transaction of a write that went well. */
enum status auditing_put(struct catalog_txn *txn, const struct audited *audited,
	struct arena *arena, struct error *err) MUST_USE;
/* Writes what waits, and waits for the disk. Entries that could not be written are lost,
 * and counted. */
enum status auditing_flush(struct auditing *auditing, struct error *err) MUST_USE;

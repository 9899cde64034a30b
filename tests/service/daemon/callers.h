#pragma once

#include "tests/service/daemon/daemon_process.h"

#include "tenon/v1/access.pb-c.h"

/* A daemon that must know its callers, who they are, and what they are granted. What
 * fails here fails the test, but where a status is returned. */

#define READ  TENON__V1__ACTION__ACTION_READ
#define WRITE TENON__V1__ACTION__ACTION_WRITE
#define CRAWL TENON__V1__ACTION__ACTION_CRAWL
#define RUN   TENON__V1__ACTION__ACTION_RUN
#define ADMIN TENON__V1__ACTION__ACTION_ADMIN

/* protobuf-c's strings are not const; nobody writes to these. */
static inline char *lent(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* With --auth, called by its administrator. */
void daemon_with_auth(struct daemon_process *daemon);
/* The secret of the first token. */
const char *administrator(struct daemon_process *daemon);
/* From now on calls bring this token; NULL: none. */
void become(struct daemon_process *daemon, const char *token);

struct token_asked {
	const char *principal;
	Tenon__V1__Action scope;
	const char *databases;
	int64_t lifetime_s;
};

Tenon__V1__CreateTokenResponse *create_token(
	struct daemon_process *daemon, struct token_asked asked);
/* Its secret. */
const char *token_for(struct daemon_process *daemon, const char *principal);

/* PutGrant or DeleteGrant. `database` with a slash is another resource: "job/daily". */
enum status change_grant(struct daemon_process *daemon, const char *method, const char *principal,
	Tenon__V1__Action action, const char *database, const char *table, struct error *err);
void grant(struct daemon_process *daemon, const char *principal, Tenon__V1__Action action,
	const char *database, const char *table);

void put_table(struct daemon_process *daemon, const char *database, const char *name);
enum status read_table(
	struct daemon_process *daemon, const char *database, const char *name, struct error *err);

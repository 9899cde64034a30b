#include "tests/service/daemon/callers.h"

#include "tenon/v1/catalog.pb-c.h"

#include <stdio.h>
#include <string.h>

#define ACCESS &tenon__v1__access__descriptor

void become(struct daemon_process *daemon, const char *token)
{
	struct error err;
	rpc_channel_free(daemon->channel);
	daemon->channel = NULL;
	assert_ok(rpc_channel_open(daemon->address, token, &daemon->channel, &err), &err);
}

const char *administrator(struct daemon_process *daemon)
{
	char token[128] = "";
	FILE *file = fopen(test_path(daemon, "data/administrator.token"), "r");
	assert_non_null(file);
	assert_non_null(fgets(token, sizeof token, file));
	(void)fclose(file);
	return arena_text(daemon->arena, text_trimmed(text_of(token)));
}

void daemon_with_auth(struct daemon_process *daemon)
{
	daemon_init(daemon);
	daemon_start(daemon, (const char *const[]){"--auth", NULL}, NULL);
	become(daemon, administrator(daemon));
}

Tenon__V1__CreateTokenResponse *create_token(
	struct daemon_process *daemon, struct token_asked asked)
{
	struct error err;
	Tenon__V1__CreateTokenRequest request = TENON__V1__CREATE_TOKEN_REQUEST__INIT;
	Tenon__V1__CreateTokenResponse *response;
	request.principal = lent(asked.principal);
	request.scope = &asked.scope;
	request.n_scope = asked.scope != 0;
	request.databases = lent(asked.databases ? asked.databases : "");
	request.lifetime_s = asked.lifetime_s;
	assert_ok(daemon_call(daemon, ACCESS, "CreateToken", &request, &response, &err), &err);
	return response;
}

const char *token_for(struct daemon_process *daemon, const char *principal)
{
	return create_token(daemon, (struct token_asked){.principal = principal})->secret;
}

enum status change_grant(struct daemon_process *daemon, const char *method, const char *principal,
	Tenon__V1__Action action, const char *database, const char *table, struct error *err)
{
	Tenon__V1__Grant grant = TENON__V1__GRANT__INIT;
	Tenon__V1__PutGrantRequest request = TENON__V1__PUT_GRANT_REQUEST__INIT;
	void *response;
	grant.principal = lent(principal);
	grant.actions = &action;
	grant.n_actions = 1;
	if (strchr(database, '/'))
		grant.resource = lent(database);
	else
		grant.database = lent(database);
	grant.table = lent(table);
	request.grant = &grant;
	return daemon_call(daemon, ACCESS, method, &request, &response, err);
}

void grant(struct daemon_process *daemon, const char *principal, Tenon__V1__Action action,
	const char *database, const char *table)
{
	struct error err;
	assert_ok(change_grant(daemon, "PutGrant", principal, action, database, table, &err), &err);
}

void put_table(struct daemon_process *daemon, const char *database, const char *name)
{
	struct error err;
	Tenon__V1__Table table = TENON__V1__TABLE__INIT;
	Tenon__V1__StorageDescriptor storage = TENON__V1__STORAGE_DESCRIPTOR__INIT;
	Tenon__V1__CreateTableRequest request = TENON__V1__CREATE_TABLE_REQUEST__INIT;
	Tenon__V1__CreateTableResponse *response;
	table.database = lent(database);
	table.name = lent(name);
	table.storage = &storage;
	request.table = &table;
	assert_ok(daemon_call(daemon, &tenon__v1__catalog__descriptor, "CreateTable", &request,
			  &response, &err),
		&err);
}

enum status read_table(
	struct daemon_process *daemon, const char *database, const char *name, struct error *err)
{
	Tenon__V1__GetTableRequest request = TENON__V1__GET_TABLE_REQUEST__INIT;
	Tenon__V1__GetTableResponse *response;
	request.database = lent(database);
	request.name = lent(name);
	return daemon_call(
		daemon, &tenon__v1__catalog__descriptor, "GetTable", &request, &response, err);
}

/* CPU time of knowing a caller by its token and asking whether it may read a table, with more
 * and more grants; and of putting the call down for the audit log. One JSON line each. */
#include "catalog/grants.h"
#include "catalog/tokens.h"
#include "service/auditing.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS = 200000, ROUNDS = 7 };

static char alice[] = "alice";

struct filling {
	struct access_secret secret;
	int grants;
};

static enum status fill(struct catalog_txn *txn, void *state, struct error *err)
{
	const struct filling *filling = state;
	struct arena *arena = arena_new();
	Tenon__V1__Action read = TENON__V1__ACTION__ACTION_READ;
	Tenon__V1__Token token = TENON__V1__TOKEN__INIT, *made;
	token.id = arena_text(arena, text_of(filling->secret.id));
	token.principal = alice;
	TRY(bearer_put(txn, &token, filling->secret.hash, arena, &made, err));
	for (int i = 0; i <= filling->grants; i++) {
		/* Names, beginnings of tables, beginnings of databases; one is the table's. */
		Tenon__V1__Grant grant = TENON__V1__GRANT__INIT, *out;
		grant.principal = alice;
		grant.actions = &read;
		grant.n_actions = 1;
		grant.database = i == 0	      ? arena_printf(arena, "sales")
				 : i % 3 == 2 ? arena_printf(arena, "x%d*", i)
					      : arena_printf(arena, "d%d", i);
		grant.table = arena_printf(arena, "%s",
			i == 0	     ? "orders"
			: i % 3 == 1 ? "raw_*"
				     : "*");
		TRY(grant_put(txn, &grant, arena, &out, err));
	}
	arena_free(arena);
	return STATUS_OK;
}

static double cpu_ns(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

struct asking {
	struct access *access;
	struct auditing *auditing;
	struct rpc_caller wire;
};

static void ask(const struct asking *asking, struct arena *arena, int number)
{
	struct error err;
	struct caller caller;
	struct place place = {PLACE_TABLE, TEXT("sales"), TEXT("orders"), false, false};
	if (access_caller(asking->access, &asking->wire, arena, &caller, &err) != STATUS_OK ||
		!access_rights(asking->access, &caller, RIGHT_READ, &place)) {
		fprintf(stderr, "refused\n");
		exit(1);
	}
	if (asking->auditing) {
		char resource[32];
		(void)snprintf(resource, sizeof resource, "sales.t%d", number % 1000);
		struct audited audited = {
			AUDITED_READ, &caller, "/tenon.v1.Catalog/GetTable", resource, 0, ""};
		(void)auditing_note(asking->auditing, &audited);
	}
	arena_reset(arena);
}

static double least_ns(const struct asking *asking)
{
	struct arena *arena = arena_new();
	double least = 1e18;
	for (int round = 0; round < ROUNDS; round++) {
		double before = cpu_ns();
		for (int i = 0; i < CALLS; i++)
			ask(asking, arena, i);
		double took = (cpu_ns() - before) / CALLS;
		least = took < least ? took : least;
	}
	arena_free(arena);
	return least;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
	(void)stat, (void)kind, (void)ftw;
	return remove(path);
}

static void measure(int grants)
{
	char folder[] = "/tmp/tenon-bench-XXXXXX";
	struct error err;
	struct catalog_options options = {.folder = mkdtemp(folder), .no_sync = true};
	struct catalog *catalog;
	struct filling filling = {.grants = grants};
	access_secret_new(&filling.secret);
	if (catalog_open(&options, &catalog, &err) != STATUS_OK ||
		catalog_write_now(catalog, fill, &filling, &err) != STATUS_OK) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	struct asking asking = {.access = access_new(catalog, true),
		.wire = {.address = "ipv4:127.0.0.1:4233", .bearer = filling.secret.text}};
	double before = cpu_ns();
	if (access_load(asking.access, &err) != STATUS_OK)
		exit(1);
	double load = cpu_ns() - before;
	double known = least_ns(&asking);
	asking.auditing = auditing_new(catalog, AUDIT_ALL);
	double audited = least_ns(&asking);
	printf("{\"op\":\"access\",\"grants\":%d,\"call_ns\":%.0f,\"audited_ns\":%.0f,"
	       "\"load_us\":%.0f}\n",
		grants, known, audited, load / 1000);
	auditing_free(asking.auditing);
	access_free(asking.access);
	catalog_free(catalog);
	(void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	static const int counts[] = {0, 10, 1000, 19000};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		measure(counts[i]);
	return 0;
}

#include "service/bootstrap.h"

#include "base/log.h"
#include "catalog/grants.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char admin[] = "admin";

/* Durable before the token is: a token that nobody has would lock everybody out. */
static enum status write_secret(const char *path, const char *secret, struct error *err)
{
	(void)unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(err, STATUS_FAILED_PRECONDITION, "make '%s': %s", path,
			strerrordesc_np(errno));
	bool written = dprintf(fd, "%s\n", secret) == (int)strlen(secret) + 1 && fsync(fd) == 0;
	int why = errno;
	if (close(fd) != 0 || !written)
		return fail(err, STATUS_FAILED_PRECONDITION, "write '%s': %s", path,
			strerrordesc_np(why));
	return STATUS_OK;
}

static enum status make(struct catalog_txn *txn, void *state, struct error *err)
{
	static char all[] = "*", made[] = "made by tenond when nobody was known";
	static const struct author author = {"tenond", "nobody was known yet"};
	const struct access_secret *secret = state;
	OWNED(arena) arena = arena_new();
	Tenon__V1__Action action = TENON__V1__ACTION__ACTION_ADMIN;
	Tenon__V1__Token token = TENON__V1__TOKEN__INIT;
	Tenon__V1__Token *token_out;
	Tenon__V1__Grant grant = TENON__V1__GRANT__INIT;
	Tenon__V1__Grant *grant_out;
	catalog_act_as(txn, &author);
	token.id = arena_text(arena, text_of(secret->id));
	token.principal = admin;
	token.description = made;
	TRY(bearer_put(txn, &token, secret->hash, arena, &token_out, err));
	grant.principal = admin;
	grant.database = all;
	grant.table = all;
	grant.actions = &action;
	grant.n_actions = 1;
	return grant_put(txn, &grant, arena, &grant_out, err);
}

static enum status is_unknown(struct daemon *daemon, bool *unknown_out, struct error *err)
{
	OWNED(catalog_txn) txn = NULL;
	uint64_t generation;
	TRY(catalog_read(daemon->catalog, &txn, err));
	TRY(access_generation(txn, &generation, err));
	*unknown_out = generation == 0;
	return STATUS_OK;
}

enum status bootstrap(struct daemon *daemon, struct error *err)
{
	bool unknown;
	struct access_secret secret;
	TRY(is_unknown(daemon, &unknown, err));
	if (!unknown)
		return STATUS_OK;
	const char *path =
		arena_printf(daemon->arena, "%s/administrator.token", daemon->options->data);
	access_secret_new(&secret);
	TRY(write_secret(path, secret.text, err));
	TRY(catalog_write_now(daemon->catalog, make, &secret, err));
	log_line(LOG_INFO, "nobody was known yet: the token of the administrator is in '%s'", path);
	return STATUS_OK;
}

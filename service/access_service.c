#include "base/clock.h"
#include "base/log.h"
#include "catalog/audit.h"
#include "catalog/grants.h"
#include "service/allow.h"

/* The Access service: tokens, grants, the audit log. */

static bool is_administrator(const struct request *request)
{
	static const struct place all = {.kind = PLACE_ALL};
	return access_rights(request->daemon->access, &request->caller, RIGHT_ADMIN, &all) != 0;
}

/* Before the answer, so that whoever has it can count on it. What went wrong here is
 * tried again with the next change; until then the rights before hold. */
static void in_force(struct request *request)
{
	struct error err;
	if (access_load(request->daemon->access, &err) != STATUS_OK)
		log_line(LOG_ERROR, "grants and tokens could not be read: %s", err.message);
}

/* ---- tokens ---- */

static enum status create_token(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__CreateTokenRequest *in = request->in;
	Tenon__V1__CreateTokenResponse *out =
		ANSWER(Tenon__V1__CreateTokenResponse, TENON__V1__CREATE_TOKEN_RESPONSE__INIT);
	enum { CENTURY_S = INT32_MAX };
	struct access_secret secret;
	Tenon__V1__Token token = TENON__V1__TOKEN__INIT;
	if (in->lifetime_s < 0 || in->lifetime_s > CENTURY_S)
		return fail(err, STATUS_INVALID_ARGUMENT,
			"lifetime_s %lld: give 0 for no end, or seconds up to %d",
			(long long)in->lifetime_s, CENTURY_S);
	access_secret_new(&secret);
	token.id = secret.id;
	token.principal = in->principal;
	token.description = in->description;
	token.scope = in->scope;
	token.n_scope = in->n_scope;
	token.databases = in->databases;
	if (in->lifetime_s)
		token.expire_time_us = clock_now_us() + in->lifetime_s * 1000000;
	TRY(bearer_put(txn, &token, secret.hash, request->arena, &out->token, err));
	out->secret = wire_text(request->arena, text_of(secret.text));
	request->audited_as = arena_printf(
		request->arena, "token/%s of %s", out->token->id, out->token->principal);
	return STATUS_OK;
}

/* Everybody their own; an administrator all. */
static struct text whose(const struct request *request)
{
	return is_administrator(request) ? TEXT("") : text_of(request->caller.principal);
}

static enum status list_tokens(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListTokensRequest *in = request->in;
	Tenon__V1__ListTokensResponse *out =
		ANSWER(Tenon__V1__ListTokensResponse, TENON__V1__LIST_TOKENS_RESPONSE__INIT);
	struct text next = TEXT("");
	struct text of = whose(request);
	TRY(bearer_list(txn, of.length ? of : text_of(in->principal), text_of(in->page_token),
		page_rows(in->page_size), request->arena, &out->tokens, &out->n_tokens, &next,
		err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

/* Who finds a token that was made to do little must not lock its principal out with it. */
static enum status check_revoker(const struct request *request, struct text id, struct error *err)
{
	const struct caller *caller = &request->caller;
	uint64_t number;
	bool held_in = caller->scope != RIGHTS_ALL || caller->databases.length > 0;
	if (caller->by != CALLER_TOKEN || !held_in ||
		(bearer_id(id, &number) && number == caller->token))
		return STATUS_OK;
	return fail(err, STATUS_PERMISSION_DENIED,
		"this token is held in by its scope or databases: it revokes none but itself");
}

static enum status revoke_token(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__RevokeTokenRequest *in = request->in;
	(void)ANSWER(Tenon__V1__RevokeTokenResponse, TENON__V1__REVOKE_TOKEN_RESPONSE__INIT);
	request->audited_as = arena_printf(request->arena, "token/%s", in->id);
	TRY(check_revoker(request, text_of(in->id), err));
	return bearer_revoke(txn, text_of(in->id), whose(request), err);
}

/* ---- grants ---- */

/* With the actions, for those make it harmless or not: "grant/alice/sales.* read,write". */
static const char *audited_grant(const struct request *request, const Tenon__V1__Grant *grant)
{
	struct arena *arena = request->arena;
	const char *what = "";
	for (size_t i = 0; i < grant->n_actions && i <= TENON__V1__ACTION__ACTION_ADMIN; i++) {
		Tenon__V1__Action action = grant->actions[i];
		bool known = action >= TENON__V1__ACTION__ACTION_READ &&
			     action <= TENON__V1__ACTION__ACTION_ADMIN;
		unsigned right = known ? 1u << (unsigned)(action - 1) : RIGHT_ADMIN;
		what = arena_printf(arena, "%s%s%s", what, i ? "," : " ", right_name(right));
	}
	return arena_printf(
		arena, "grant/%s/%s%s", grant->principal, grant_place(arena, grant), what);
}

static enum status put_grant(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__PutGrantRequest *in = request->in;
	Tenon__V1__PutGrantResponse *out =
		ANSWER(Tenon__V1__PutGrantResponse, TENON__V1__PUT_GRANT_RESPONSE__INIT);
	TRY(require(in->grant, "grant", err));
	request->audited_as = audited_grant(request, in->grant);
	return grant_put(txn, in->grant, request->arena, &out->grant, err);
}

static enum status list_grants(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListGrantsRequest *in = request->in;
	Tenon__V1__ListGrantsResponse *out =
		ANSWER(Tenon__V1__ListGrantsResponse, TENON__V1__LIST_GRANTS_RESPONSE__INIT);
	struct text next = TEXT("");
	struct text of = whose(request);
	TRY(grant_list(txn, of.length ? of : text_of(in->principal), text_of(in->page_token),
		page_rows(in->page_size), request->arena, &out->grants, &out->n_grants, &next,
		err));
	out->next_page_token = wire_text(request->arena, next);
	return STATUS_OK;
}

static enum status delete_grant(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__DeleteGrantRequest *in = request->in;
	(void)ANSWER(Tenon__V1__DeleteGrantResponse, TENON__V1__DELETE_GRANT_RESPONSE__INIT);
	TRY(require(in->grant, "grant", err));
	request->audited_as = audited_grant(request, in->grant);
	return grant_delete(txn, in->grant, err);
}

/* Who administers all of a pattern gives and takes rights on it. */
static enum status allow_grant(
	struct request *request, const Tenon__V1__Grant *grant, struct error *err)
{
	Tenon__V1__Grant *normal;
	TRY(require(grant, "grant", err));
	TRY(grant_normal(grant, request->arena, &normal, err));
	request->places.at[0] = place_of_grant(normal);
	return request_may(request, RIGHT_ADMIN, &request->places.at[0], err);
}

static enum status allow_put(struct request *request, struct error *err)
{
	return allow_grant(request, ((const Tenon__V1__PutGrantRequest *)request->in)->grant, err);
}

static enum status allow_delete(struct request *request, struct error *err)
{
	return allow_grant(
		request, ((const Tenon__V1__DeleteGrantRequest *)request->in)->grant, err);
}

/* ---- who and what was ---- */

static enum status who_am_i(struct request *request, struct catalog_txn *txn, struct error *err)
{
	Tenon__V1__WhoAmIResponse *out =
		ANSWER(Tenon__V1__WhoAmIResponse, TENON__V1__WHO_AM_IRESPONSE__INIT);
	const struct caller *caller = &request->caller;
	struct text next;
	out->principal = wire_text(request->arena, text_of(caller->principal));
	out->by = wire_text(request->arena, text_of(caller_by_name(caller->by)));
	out->unrestricted = !access_enforced(request->daemon->access);
	if (caller->by == CALLER_TOKEN)
		TRY(bearer_get(txn, caller->token, request->arena, &out->token, err));
	if (caller->by == CALLER_LOCAL)
		return STATUS_OK;
	return grant_list(txn, text_of(caller->principal), TEXT(""), LIMIT_PAGE, request->arena,
		&out->grants, &out->n_grants, &next, err);
}

static enum status list_audit(struct request *request, struct catalog_txn *txn, struct error *err)
{
	const Tenon__V1__ListAuditRequest *in = request->in;
	Tenon__V1__ListAuditResponse *out =
		ANSWER(Tenon__V1__ListAuditResponse, TENON__V1__LIST_AUDIT_RESPONSE__INIT);
	return audit_list(txn, in, page_rows(in->page_size), request->arena, out, err);
}

static const struct method rows[] = {
	{"CreateToken", NEED_ADMIN, .write = create_token, .after = in_force},
	{"ListTokens", NEED_KNOWN, .read = list_tokens},
	{"RevokeToken", NEED_KNOWN, .write = revoke_token, .after = in_force},
	{"PutGrant", NEED_ADMIN, .write = put_grant, .after = in_force, .allow = allow_put},
	{"ListGrants", NEED_KNOWN, .read = list_grants},
	{"DeleteGrant", NEED_ADMIN, .write = delete_grant, .after = in_force,
		.allow = allow_delete},
	{"WhoAmI", NEED_KNOWN, .read = who_am_i},
	{"ListAudit", NEED_ADMIN, .read = list_audit},
};

const struct methods access_methods = METHODS(rows);

#include "worker/session.h"

enum { FAIL_TIMEOUT_MS = 20000 };

enum status session_call(struct session *session, const char *method, const void *request,
	int64_t timeout_ms, struct arena *arena, void *response_out, struct error *err)
{
	return rpc_invoke(session->channel, &tenon__v1__worker__descriptor, method, request,
		timeout_ms, arena, response_out, err);
}

enum status session_fail(struct session *session, const struct error *why, struct error *err)
{
	Tenon__V1__FailRunRequest request = TENON__V1__FAIL_RUN_REQUEST__INIT;
	Tenon__V1__FailRunResponse *response;
	request.error = arena_text(session->arena, text_of(why->message));
	request.cancelled = why->status == STATUS_CANCELLED;
	return session_call(
		session, "FailRun", &request, FAIL_TIMEOUT_MS, session->arena, &response, err);
}

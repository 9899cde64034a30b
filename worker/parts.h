#pragma once

#include "worker/session.h"

/* A plan or commit that is too big for one message: its long lists go before it in
 * parts of 4 MB (StagePart). What is to be sent in its place, with what is left, is
 * in the session's arena; the same when it fits. */
enum status parts_of_crawl(struct session *session, const Tenon__V1__ApplyCrawlRequest *plan,
	const Tenon__V1__ApplyCrawlRequest **rest_out, struct error *err) MUST_USE;
enum status parts_of_commit(struct session *session, const Tenon__V1__CommitRunRequest *commit,
	const Tenon__V1__CommitRunRequest **rest_out, struct error *err) MUST_USE;

#pragma once

#include "service/serve.h"

/* What a handler says instead of rpc_stream: the stream goes on only while its caller is
 * known and may do what it was let do when it began. Ends within seconds of a token's
 * revocation or end, or of a grant that was taken away, also while it is parked. */
void request_stream(struct request *request, const struct rpc_stream_ops *ops, void *state);

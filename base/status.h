#pragma once

#include <stdbool.h>

/* Outcome of every fallible call. Values equal gRPC's status codes (gRPC
 * "Status codes and their use in gRPC"), so the rpc room forwards them as they
 * are. UNAVAILABLE and ABORTED may be retried as they stand; no other may. */
enum status {
	STATUS_OK = 0,
	STATUS_CANCELLED = 1,
	STATUS_UNKNOWN = 2,
	STATUS_INVALID_ARGUMENT = 3,
	STATUS_DEADLINE_EXCEEDED = 4,
	STATUS_NOT_FOUND = 5,
	STATUS_ALREADY_EXISTS = 6,
	STATUS_PERMISSION_DENIED = 7,
	STATUS_RESOURCE_EXHAUSTED = 8,
	STATUS_FAILED_PRECONDITION = 9,
	STATUS_ABORTED = 10,
	STATUS_OUT_OF_RANGE = 11,
	STATUS_UNIMPLEMENTED = 12,
	STATUS_INTERNAL = 13,
	STATUS_UNAVAILABLE = 14,
	STATUS_DATA_LOSS = 15,
	STATUS_UNAUTHENTICATED = 16,
};

const char *status_name(enum status status); /* "NOT_FOUND"; static storage */
/* Whether it says that what was asked for cannot be had, and not that it went wrong. A
 * limit and a full disk are one status: that is no refusal. */
bool status_is_refusal(enum status status);

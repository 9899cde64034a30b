#pragma once

#include "service/daemon.h"

/* What is to be done for access from time to time: waiting audit entries written, old ones
 * dropped, uses of tokens stored, dead tokens forgotten, streams of expired tokens ended. */
int64_t access_chore(struct daemon *daemon);
/* Before the catalog closes: what still waits. */
void access_finish(struct daemon *daemon);

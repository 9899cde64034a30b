#pragma once

#include "catalog/txn.h"

/* The read transactions, one per thread: renewed for a read, reset after it. */
enum status readers_init(struct catalog *catalog, struct error *err) MUST_USE;
void readers_done(struct catalog *catalog); /* before the environment closes; no thread reads */

#pragma once

#include <stdint.h>

/* A chore: tells the log of a view of the catalog that stays open. */
struct daemon;
int64_t view_chore(struct daemon *daemon);

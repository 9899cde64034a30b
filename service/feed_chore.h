#pragma once

#include <stdint.h>

struct daemon;

/* The chore that forgets old changes (options.feed_keep, and retention), a handful at a time. */
int64_t feed_chore(struct daemon *daemon);

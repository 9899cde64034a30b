#pragma once

#include "base/text.h"

/* Whether what has this name is secret, by how that ends, in any case: password, secret,
 * token, private_key and their like. Of connections' properties, fields in the feed, and
 * what a person puts into a table's parameters. */
bool name_is_secret(struct text name);

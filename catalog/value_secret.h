#pragma once

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>

/* Passwords that stand inside a value rather than are one: of the user of a URL
 * ("postgres://user:PASSWORD@host/db"), of Oracle's "jdbc:oracle:thin:user/PASSWORD@host",
 * and what follows a secret's name and '=' ("jdbc:...?user=u&password=PASSWORD",
 * "host=h;pwd=PASSWORD;", 'password="PASSWORD"'). Which names are secret: name_is_secret.
 *
 * The next one at or behind `*at`, which moves behind it. One that reads "***" is one too. */
bool value_secret_next(struct text value, size_t *at, struct text *secret_out);

/* `value` with "***" for each of them; `value` itself when it has none. */
struct text value_secrets_hidden(struct arena *arena, struct text value);

/* `value`, in which those that read "***" are what stands there in `stored`: the first is
 * the first there. False when `stored` has not so many. */
bool value_secrets_kept(
	struct arena *arena, struct text value, struct text stored, struct text *value_out);

#pragma once

/* OWNED(table) t = NULL;  frees t with table_free() when the scope ends.
 * TAKE(t) hands it out and leaves NULL behind, so success and failure leave
 * through the same closing brace. A type opts in with OWNABLE(table). */
#define OWNABLE(type)                                          \
	static inline void type##_cleanup(struct type **owned) \
	{                                                      \
		type##_free(*owned);                           \
	}                                                      \
	struct type
#define OWNED(type) __attribute__((unused, cleanup(type##_cleanup))) struct type *
#define TAKE(owned)                                \
	({                                         \
		__typeof__(owned) take_ = (owned); \
		(owned) = NULL;                    \
		take_;                             \
	})

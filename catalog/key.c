#include "catalog/key.h"

#include "catalog/store.h"

void key_init(struct buffer *key)
{
	enum { USUAL_BYTES = 512 };
	buffer_init(key, KEY_BYTES_MAX);
	(void)buffer_reserve(key, USUAL_BYTES);
}

struct text key_u64_text(uint64_t number, char bytes[static 8])
{
	uint64_t big = __builtin_bswap64(number);
	memcpy(bytes, &big, sizeof big);
	return (struct text){bytes, sizeof big};
}

uint64_t key_u64(const char bytes[static 8])
{
	uint64_t big;
	memcpy(&big, bytes, sizeof big);
	return __builtin_bswap64(big);
}

void key_add_u64(struct buffer *key, uint64_t number)
{
	char bytes[8];
	buffer_add_text(key, key_u64_text(number, bytes));
}

void key_add_part(struct buffer *key, struct text part)
{
	buffer_add_text(key, part);
	buffer_add_byte(key, 0);
}

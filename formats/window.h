#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* 64 bytes at a time: which of them are a given byte, one bit each, low bit first.
 * SSE2 is every x86-64's; elsewhere eight bytes at a time (a fifth slower). */
enum { WINDOW_BYTES = 64 };

#ifdef __SSE2__
#include <emmintrin.h>

struct window {
	__m128i part[4];
};

static inline struct window window_load(const char *at)
{
	struct window window;
	for (int i = 0; i < 4; i++)
		window.part[i] = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
	return window;
}

static inline uint64_t window_equal(const struct window *window, char byte)
{
	__m128i wanted = _mm_set1_epi8(byte);
	uint64_t mask = 0;
	for (int i = 0; i < 4; i++) {
		__m128i equal = _mm_cmpeq_epi8(window->part[i], wanted);
		mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << (16 * i);
	}
	return mask;
}

static inline uint64_t window_newlines(const struct window *window)
{
	__m128i line = _mm_set1_epi8('\n');
	__m128i carriage = _mm_set1_epi8('\r');
	uint64_t mask = 0;
	for (int i = 0; i < 4; i++) {
		__m128i equal = _mm_or_si128(_mm_cmpeq_epi8(window->part[i], line),
			_mm_cmpeq_epi8(window->part[i], carriage));
		mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(equal) << (16 * i);
	}
	return mask;
}

static inline bool window_has(const struct window *window, char byte)
{
	__m128i wanted = _mm_set1_epi8(byte);
	__m128i any = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(window->part[0], wanted),
					   _mm_cmpeq_epi8(window->part[1], wanted)),
		_mm_or_si128(_mm_cmpeq_epi8(window->part[2], wanted),
			_mm_cmpeq_epi8(window->part[3], wanted)));
	return _mm_movemask_epi8(any) != 0;
}

/* Not zero when a byte is 0x80 or more. */
static inline uint64_t window_high(const struct window *window)
{
	__m128i any = _mm_or_si128(_mm_or_si128(window->part[0], window->part[1]),
		_mm_or_si128(window->part[2], window->part[3]));
	return (uint64_t)(uint32_t)_mm_movemask_epi8(any);
}

/* Which of 16 bytes are decimal digits. */
static inline uint32_t window_digits_16(const char *at)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i value = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
	__m128i small = _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);
	return (uint32_t)_mm_movemask_epi8(small);
}

#else

struct window {
	const char *at;
};

static inline struct window window_load(const char *at)
{
	return (struct window){at};
}

static inline uint64_t window_equal(const struct window *window, char byte)
{
	uint64_t mask = 0;
	for (int i = 0; i < WINDOW_BYTES; i += 8) {
		uint64_t word;
		memcpy(&word, window->at + i, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		word ^= UINT64_C(0x0101010101010101) * (unsigned char)byte;
		/* The high bit of each byte that is zero, without borrows between bytes. */
		uint64_t zero =
			~(((word & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x7f7f7f7f7f7f7f7f)) |
				word | UINT64_C(0x7f7f7f7f7f7f7f7f));
		mask |= ((zero >> 7) * UINT64_C(0x0102040810204080) >> 56) << i;
	}
	return mask;
}

static inline uint64_t window_newlines(const struct window *window)
{
	return window_equal(window, '\n') | window_equal(window, '\r');
}

static inline bool window_has(const struct window *window, char byte)
{
	return window_equal(window, byte) != 0;
}

static inline uint64_t window_high(const struct window *window)
{
	uint64_t any = 0;
	for (int i = 0; i < WINDOW_BYTES; i += 8) {
		uint64_t word;
		memcpy(&word, window->at + i, sizeof word);
		any |= word;
	}
	return any & UINT64_C(0x8080808080808080);
}

static inline uint32_t window_digits_16(const char *at)
{
	uint32_t mask = 0;
	for (int i = 0; i < 16; i++)
		mask |= (uint32_t)(at[i] >= '0' && at[i] <= '9') << i;
	return mask;
}

#endif

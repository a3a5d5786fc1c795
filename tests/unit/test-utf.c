// SPDX-License-Identifier: GPL-2.0-only
/* Text between UTF-8 and UTF-16: exact both ways, and nothing malformed gets in. */
#include <criterion/criterion.h>
#include <string.h>
#include "base/errname.h"
#include "base/utf.h"

/* One character of each length; the last needs two UTF-16 units. */
static const char sample8[] = "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x93\xBC";
static const WCHAR sample16[] = u"A\u00E4\u20AC\U0001F4FC";

Test(utf, goes_and_comes_back)
{
	WCHAR wide[16];
	char narrow[16];
	size_t units;

	memset(wide, 0xEE, sizeof(wide));
	utf16_give(sample8, wide, 16);
	cr_assert_arr_eq(wide, sample16, sizeof(sample16));
	for (size_t i = 5; i < 16; i++)
		cr_assert_eq(wide[i], 0, "unit %zu is left over", i);
	cr_assert(utf16_take(wide, 16, narrow, sizeof(narrow)));
	cr_assert_str_eq(narrow, sample8);
	cr_assert(utf8_units(sample8, &units));
	cr_assert_eq(units, 5);
}

Test(utf, every_character_of_the_code)
{
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		WCHAR in[3] = {0}, out[3];
		char text[8];

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		if (c < 0x10000) {
			in[0] = (WCHAR)c;
		} else {
			in[0] = (WCHAR)(0xD7C0 + (c >> 10));
			in[1] = (WCHAR)(0xDC00 | (c & 0x3FF));
		}
		cr_assert(utf16_take(in, 3, text, sizeof(text)), "U+%04X refused", c);
		utf16_give(text, out, 3);
		cr_assert(memcmp(in, out, sizeof(in)) == 0, "U+%04X changed", c);
	}
}

Test(utf, malformed_utf8_is_refused)
{
	static const char *const bad[] = {
		"\x80",
		"\xBF",
		"\xC0\x80",
		"\xC1\xBF",
		"\xC3",
		"\xC3(",
		"\xE0\x80\x80",
		"\xE0\x9F\xBF",
		"\xE2\x82",
		"\xED\xA0\x80",
		"\xED\xBF\xBF",
		"\xF0\x80\x80\x80",
		"\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xF0\x9F\x93",
		"\xF8\x88\x80\x80\x80",
		"\xFE",
		"\xFF",
		"good\xC3",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char out[32] = "x";
		size_t units;

		cr_expect_not(utf8_take(bad[i], 32, out, sizeof(out)), "case %zu", i);
		cr_expect_str_eq(out, "");
		cr_expect_not(utf8_units(bad[i], &units), "case %zu", i);
	}
}

Test(utf, malformed_utf16_is_refused)
{
	static const WCHAR bad[][4] = {
		{0xD800, 0},
		{0xDC00, 0},
		{0xD800, 'a', 0},
		{'a', 0xDBFF, 0},
		{0xDC00, 0xD800, 0, 0},
		{'a', 'b', 'c', 'd'}, /* no NUL */
		{'a', 'b', 'c', 0xD83D},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char out[32] = "x";

		cr_expect_not(utf16_take(bad[i], 4, out, sizeof(out)), "case %zu", i);
		cr_expect_str_eq(out, "");
	}
}

Test(utf, limits_are_kept)
{
	char narrow[4];
	WCHAR wide[] = u"\u20AC\u20AC";

	cr_expect(utf8_take("abc", 4, narrow, sizeof(narrow)));
	cr_expect_not(utf8_take("abcd", 5, narrow, sizeof(narrow)), "does not fit");
	cr_expect_not(utf8_take("abc", 3, narrow, sizeof(narrow)), "no NUL within the limit");
	cr_expect_not(utf16_take(wide, 3, narrow, sizeof(narrow)), "does not fit");
	cr_expect_not(utf16_take(wide, 2, (char[16]){0}, 16), "no NUL within the limit");
}

Test(utf, cut_between_characters)
{
	WCHAR wide[4];
	char narrow[4];

	/* Four units hold three and the NUL: the pair does not fit, nor half of it. */
	utf16_give("ab\xF0\x9F\x93\xBC", wide, 4);
	cr_assert_arr_eq(wide, ((WCHAR[]){'a', 'b', 0, 0}), sizeof(wide));
	utf8_give("ab\xE2\x82\xAC", narrow, 4);
	cr_assert_arr_eq(narrow, ((char[]){'a', 'b', 0, 0}), sizeof(narrow));
	utf8_give("abcdef", narrow, 4);
	cr_assert_str_eq(narrow, "abc");
	/* A damaged record ends where it is damaged. */
	utf8_give("a\xC3", narrow, 4);
	cr_assert_str_eq(narrow, "a");
}

Test(errname, names_and_texts)
{
	cr_assert_str_eq(ntms_error_name(ERROR_INVALID_MEDIA), "ERROR_INVALID_MEDIA");
	cr_assert_str_eq(ntms_error_name(ERROR_SUCCESS), "ERROR_SUCCESS");
	cr_assert_str_eq(ntms_error_name(0xDEAD), "ERROR");
	cr_assert_str_eq(ntms_error_text(0xDEAD), "An error without a name.");
	for (DWORD code = 4300; code <= 4341; code++) {
		cr_expect_str_neq(ntms_error_name(code), "ERROR", "%u has no name", code);
		cr_expect_str_neq(ntms_error_text(code), ntms_error_text(0xDEAD));
	}
}

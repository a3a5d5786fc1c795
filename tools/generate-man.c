/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * generate-man.c - the verbs as sections of rsm(1)
 *
 * The texts of the tables are plain. Options, variables and quoted commands become bold, what the
 * user puts something in the place of becomes italic.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "generate.h"
#include "rsm.h"
#include "text.h"

/* One character of ordinary text, for roff. */
static void put_escaped(char letter)
{
	switch (letter) {
	case '\\':
		fputs("\\e", stdout);
		break;
	case '-':
		fputs("\\-", stdout);
		break;
	case '\'':
		fputs("\\(aq", stdout);
		break;
	default:
		putchar(letter);
	}
}

static void put_in_font(char font, const char *text, size_t length)
{
	if (!length)
		return;
	printf("\\f%c", font);
	for (size_t i = 0; i < length; i++)
		put_escaped(text[i]);
	fputs("\\fP", stdout);
}

static size_t capitals(const char *text)
{
	size_t length = 0;

	while (isupper((unsigned char)text[length]))
		length++;
	return isalnum((unsigned char)text[length]) || text[length] == '_' ? 0 : length;
}

static bool has_word(const char *list, const char *word, size_t length)
{
	for (const char *at = list; at && *at; at++) {
		size_t found = capitals(at);

		if (found == length && !strncmp(at, word, length))
			return true;
		if (found)
			at += found - 1;
	}
	return false;
}

/* Is it what an operand or an option's value of the verb is called? */
static bool is_placeholder(const struct verb *verb, const char *word, size_t length)
{
	if (!length)
		return false;
	if (has_word(verb->operands, word, length))
		return true;
	for (const struct option_spec *spec = verb->options; spec && spec->name; spec++)
		if (has_word(spec->value, word, length))
			return true;
	return false;
}

static size_t option_length(const char *text)
{
	size_t length = 2;

	if (strncmp(text, "--", 2) != 0)
		return 0;
	while (islower((unsigned char)text[length]) ||
	       (text[length] == '-' && islower((unsigned char)text[length + 1])))
		length++;
	return length;
}

static size_t variable_length(const char *text)
{
	size_t length = 1;

	if (text[0] != '$')
		return 0;
	while (isupper((unsigned char)text[length]) || isdigit((unsigned char)text[length]) ||
	       text[length] == '_')
		length++;
	return length > 1 ? length : 0;
}

/* The length of 'rsm verb' with its quotes. */
static size_t command_length(const char *text)
{
	const char *end;

	if (strncmp(text, "'rsm ", 5) != 0)
		return 0;
	end = strchr(text + 1, '\'');
	return end ? (size_t)(end - text) + 1 : 0;
}

/* What begins here and is one thing; how long it is, 0 for ordinary text. */
static size_t put_thing(const struct verb *verb, const char *at, bool begins_word)
{
	size_t length = command_length(at);

	if (length) {
		put_in_font('B', at + 1, length - 2);
		return length;
	}
	length = option_length(at);
	if (!length)
		length = variable_length(at);
	if (length && begins_word) {
		put_in_font('B', at, length);
		return length;
	}
	length = begins_word ? capitals(at) : 0;
	if (!is_placeholder(verb, at, length))
		return 0;
	put_in_font('I', at, length);
	return length;
}

/* A text of the table as one or more paragraphs. */
static void put_text(const struct verb *verb, const char *text)
{
	bool begins_word = true;

	while (*text) {
		size_t length = put_thing(verb, text, begins_word);

		if (length) {
			text += length;
			begins_word = false;
			continue;
		}
		begins_word = !isalnum((unsigned char)*text) && *text != '_' && *text != '-';
		if (*text == '\n')
			fputs("\n.IP\n", stdout);
		else if (!strncmp(text, ". ", 2))
			fputs(".\n", stdout);
		else
			put_escaped(*text);
		text += 1 + !strncmp(text, ". ", 2);
	}
	putchar('\n');
}

static void put_sentence(const struct verb *verb, const char *text)
{
	char *sentence = text_format("%s.", text);

	sentence[0] = (char)toupper((unsigned char)sentence[0]);
	put_text(verb, sentence);
	free(sentence);
}

/* "LMID... | --partition SIDE": words in small letters are typed as they are. */
static void put_operands(const struct verb *verb, const char *text)
{
	while (*text) {
		size_t length = put_thing(verb, text, true);

		if (!length && islower((unsigned char)*text)) {
			length = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
			put_in_font('B', text, length);
		}
		if (!length) {
			put_escaped(*text);
			length = 1;
		}
		text += length;
	}
}

static void put_option(const struct verb *verb, const struct option_spec *spec)
{
	fputs(".TP\n\\fB\\-\\-", stdout);
	for (const char *at = spec->name; *at; at++)
		put_escaped(*at);
	fputs("\\fP", stdout);
	if (spec->value) {
		putchar(' ');
		put_in_font('I', spec->value, strlen(spec->value));
	}
	if (spec->choices) {
		fputs(" (", stdout);
		for (const struct choice *choice = spec->choices; choice->name; choice++) {
			if (choice != spec->choices)
				fputs(", ", stdout);
			put_in_font('B', choice->name, strlen(choice->name));
		}
		putchar(')');
	}
	putchar('\n');
	put_text(verb, spec->help);
}

static void put_verb(const struct verb *verb)
{
	printf(".TP\n\\fBrsm %s\\fP", verb->name);
	if (verb->options)
		fputs(" [\\fIOPTION\\fP...]", stdout);
	if (verb->operands[0])
		putchar(' ');
	put_operands(verb, verb->operands);
	putchar('\n');
	put_sentence(verb, verb->summary);
	if (verb->details)
		put_text(verb, verb->details);
	if (verb->brief)
		printf("Brief: %s.\n", verb->brief);
	if (!verb->options)
		return;
	puts(".RS");
	for (const struct option_spec *spec = verb->options; spec->name; spec++)
		put_option(verb, spec);
	puts(".RE");
}

static void put_verbs(void)
{
	for (const struct verb_group *group = verb_groups; group->title; group++) {
		printf(".SS \"%s\"\n", group->title);
		for (const struct verb *verb = group->verbs; verb->name; verb++)
			put_verb(verb);
	}
}

static void put_json(void)
{
	FOR_EACH_VERB(group, verb)
	{
		if (!verb->json)
			continue;
		printf(".TP\n\\fB%s\\fP\n", verb->name);
		put_text(verb, verb->json);
	}
}

/* ---- the syntax of rsm.exe ---- */

static const char *option_name(const struct verb *verb, int id)
{
	const struct option_spec *lists[] = {verb->options, global_options};

	for (size_t i = 0; i < 2; i++)
		for (const struct option_spec *spec = lists[i]; spec && spec->name; spec++)
			if ((int)spec->id == id)
				return spec->name;
	return "";
}

static void put_switch(const struct verb *verb, const struct windows_switch *entry)
{
	put_in_font('B', entry->name, strlen(entry->name));
	if (entry->to == WINDOWS_NOTHING) {
		fputs(" goes without saying", stdout);
	} else if (entry->to < 0) {
		fputs(" is the operand", stdout);
	} else {
		char *option = text_format("--%s", option_name(verb, entry->to));

		fputs(" is ", stdout);
		put_in_font('B', option, strlen(option));
		if (entry->kind == WINDOWS_FLAG && entry->value) {
			putchar(' ');
			put_in_font('B', entry->value, strlen(entry->value));
		}
		free(option);
	}
}

static void put_windows(void)
{
	FOR_EACH_VERB(group, verb)
	{
		char *usage = windows_usage(verb);

		if (!usage)
			continue;
		puts(".TP");
		put_in_font('B', usage, strlen(usage));
		putchar('\n');
		for (const struct windows_switch *entry = verb->windows; entry->kind; entry++) {
			put_switch(verb, entry);
			puts(entry[1].kind ? "," : "");
		}
		free(usage);
	}
}

void generate_man(enum generate what)
{
	if (what == GENERATE_MAN_VERBS)
		put_verbs();
	else if (what == GENERATE_MAN_WINDOWS)
		put_windows();
	else
		put_json();
}

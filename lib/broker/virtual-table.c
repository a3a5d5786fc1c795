/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-table.c - the table of holds, orphans, expected tokens and the lease */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/virtual-impl.h"

#define TABLE_FILE  "reservations"
#define TABLE_TITLE "RSM reservations 1"
#define ENTRIES_MAX 16384

static const char *const kind_names[] = {NULL, "hold", "orphan", "expect", "lease"};

static enum virtual_kind kind_of(const char *name)
{
	for (int kind = ENTRY_HOLD; kind <= ENTRY_LEASE; kind++) {
		if (strcmp(name, kind_names[kind]) == 0)
			return (enum virtual_kind)kind;
	}
	return 0;
}

static struct virtual_entry *append(struct virtual_table *table)
{
	struct virtual_entry *entries;

	if (table->count >= ENTRIES_MAX)
		return NULL;
	entries = reallocarray(table->entries, table->count + 1, sizeof(*entries));
	if (!entries)
		return NULL;
	table->entries = entries;
	memset(&entries[table->count], 0, sizeof(*entries));
	return &entries[table->count++];
}

/* Everything that the rest relies on, or the file is not ours. */
static bool entry_valid(const struct virtual_broker *vb, const struct virtual_table *table,
			const struct virtual_entry *entry)
{
	bool has_drive = entry->kind == ENTRY_HOLD || entry->kind == ENTRY_ORPHAN;

	if (!entry->kind || entry->id == 0 || entry->id >= table->next ||
	    entry->generation >= table->next)
		return false;
	if (entry->kind == ENTRY_LEASE && entry->leased != CHANGER_ID &&
	    (entry->leased < DRIVE_ID(vb->shape.drives) ||
	     entry->leased >= DRIVE_ID(virtual_drives(&vb->shape))))
		return false;
	if (!has_drive)
		return entry->drive == 0 && !entry->loaded;
	if (entry->drive < DRIVE_ID(0) || entry->drive >= DRIVE_ID(virtual_drives(&vb->shape)))
		return false;
	return true;
}

/* No id twice, one entry a drive, one lease a device. */
static bool entry_conflicts(const struct virtual_table *table, const struct virtual_entry *entry)
{
	for (const struct virtual_entry *other = table->entries; other < entry; other++) {
		if (other->id == entry->id || (entry->drive && other->drive == entry->drive) ||
		    (entry->kind == ENTRY_LEASE && other->kind == ENTRY_LEASE &&
		     other->leased == entry->leased))
			return true;
	}
	return false;
}

static int parse_entry(struct virtual_broker *vb, struct virtual_table *table, const char *line)
{
	struct virtual_entry *entry = append(table);
	unsigned int loaded;
	char medium[40];
	char kind[8];
	int end = 0;

	if (!entry)
		return table->count >= ENTRIES_MAX ? -EIO : -ENOMEM;
	if (sscanf(line, "%7s %" SCNx64 " %" SCNx64 " %u %u %d %u %" SCNu64 " %39s %n", kind,
		   &entry->id, &entry->generation, &entry->drive, &loaded, &entry->pid, &entry->uid,
		   &entry->since_ms, medium, &end) != 9 ||
	    end == 0 || loaded > 1 || !guid_parse(medium, &entry->medium))
		return -EIO;
	entry->kind = kind_of(kind);
	entry->loaded = loaded;
	/* In the place of the drive; 0 is from when there was the changer's alone. */
	if (entry->kind == ENTRY_LEASE) {
		entry->leased = entry->drive ? entry->drive : CHANGER_ID;
		entry->drive = 0;
	}
	if (strlen(line + end) >= sizeof(entry->command))
		return -EIO;
	memcpy(entry->command, line + end, strlen(line + end) + 1);
	return entry_valid(vb, table, entry) && !entry_conflicts(table, entry) ? 0 : -EIO;
}

static bool parse_assigned(struct virtual_broker *vb, struct virtual_table *table, const char *line)
{
	unsigned int drive;
	int end = 0;

	if (sscanf(line, "assigned %u%n", &drive, &end) != 1 || line[end] || drive < DRIVE_ID(0) ||
	    drive >= DRIVE_ID(virtual_drives(&vb->shape)))
		return false;
	table->assigned[DRIVE_INDEX(drive)] = true;
	return true;
}

static int parse_line(struct virtual_broker *vb, struct virtual_table *table, const char *line)
{
	if (strncmp(line, "assigned ", 9) == 0)
		return parse_assigned(vb, table, line) ? 0 : -EIO;
	return parse_entry(vb, table, line);
}

/* -EIO when it is not ours, -ENOMEM */
static int parse_table(struct virtual_broker *vb, struct virtual_table *table, char *text)
{
	char *line = virtual_line(&text);
	int error = 0, end = 0;

	if (!line || strcmp(line, TABLE_TITLE) != 0)
		return -EIO;
	line = virtual_line(&text);
	if (!line || sscanf(line, "next %" SCNx64 "%n", &table->next, &end) != 1 || line[end] ||
	    table->next == 0 || table->next >= UINT64_MAX / 2)
		return -EIO;
	while (!error && (line = virtual_line(&text)) != NULL)
		error = parse_line(vb, table, line);
	return error;
}

int virtual_table_load(struct virtual_broker *vb, struct virtual_table *table)
{
	size_t size;
	char *text;
	int error;

	memset(table, 0, sizeof(*table));
	error = virtual_read(vb, TABLE_FILE, &text, &size);
	if (error)
		return error;
	/* New, or lost in a power cut: no number may come back that was used before. There are
	 * fewer changes than nanoseconds. */
	if (size == 0) {
		table->next = clock_read(CLOCK_REALTIME);
		free(text);
		return 0;
	}
	error = virtual_unseal(text, &size) ? parse_table(vb, table, text) : -EIO;
	free(text);
	if (!error)
		return 0;
	free(table->entries);
	table->entries = NULL;
	table->count = 0;
	if (error == -ENOMEM)
		return ntms_say_errno(error, "no memory for the reservations of '%s'", vb->path);
	return ntms_say_errno(error,
			      "'%s/" TABLE_FILE "' is damaged; make it empty when nothing "
			      "uses the library",
			      vb->path);
}

static int table_save(struct virtual_broker *vb, const struct virtual_table *table)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream;
	int error;

	stream = open_memstream(&text, &size);
	if (!stream)
		return ntms_say_errno(-ENOMEM, "no memory for the table of reservations");
	fprintf(stream, TABLE_TITLE "\nnext %" PRIx64 "\n", table->next);
	for (unsigned int i = 0; i < virtual_drives(&vb->shape); i++) {
		if (table->assigned[i])
			fprintf(stream, "assigned %u\n", DRIVE_ID(i));
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct virtual_entry *entry = &table->entries[i];
		char medium[GUID_TEXT_SIZE];

		guid_format(&entry->medium, medium);
		fprintf(stream,
			"%s %" PRIx64 " %" PRIx64 " %" PRIu32 " %d %d %" PRIu32 " %" PRIu64
			" %s %s\n",
			kind_names[entry->kind], entry->id, entry->generation,
			entry->kind == ENTRY_LEASE ? entry->leased : entry->drive, entry->loaded,
			entry->pid, entry->uid, entry->since_ms, medium, entry->command);
	}
	virtual_seal(stream, &text, &size);
	error = ferror(stream) ? -ENOMEM : 0;
	if (fclose(stream) != 0)
		error = -ENOMEM;
	/* A power cut ends all holders, so it does not matter which of their tables is left. */
	if (!error)
		error = virtual_replace(vb, TABLE_FILE, text, size, false);
	else
		ntms_say_errno(error, "no memory for the table of reservations");
	free(text);
	return error;
}

struct virtual_entry *virtual_entry(struct virtual_session *session, uint64_t id)
{
	for (size_t i = 0; i < session->table.count; i++) {
		if (session->table.entries[i].id == id)
			return &session->table.entries[i];
	}
	return NULL;
}

struct virtual_entry *virtual_drive_entry(struct virtual_session *session, uint32_t drive)
{
	for (size_t i = 0; i < session->table.count; i++) {
		if (session->table.entries[i].drive == drive)
			return &session->table.entries[i];
	}
	return NULL;
}

/* The program's name, as ps shows it; only what fits on a line. */
static void read_command(char command[16])
{
	ssize_t got = -1;
	int fd;

	fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, command, 15);
		close(fd);
	}
	if (got < 0)
		got = 0;
	while (got > 0 && isspace((unsigned char)command[got - 1]))
		got--;
	command[got] = '\0';
	for (char *c = command; *c; c++) {
		if (!isgraph((unsigned char)*c))
			*c = '_';
	}
}

struct virtual_entry *virtual_entry_add(struct virtual_session *session, enum virtual_kind kind,
					int *fifo)
{
	struct virtual_entry *entry = append(&session->table);
	int tries = 0;

	if (!entry) {
		*fifo = ntms_say_errno(-ENOMEM, "no room for another reservation in '%s'",
				       session->vb->path);
		return NULL;
	}
	/* A number is in use already only if the table was lost. */
	do {
		entry->id = session->table.next++;
		*fifo = virtual_holder_make(session->vb, entry->id);
	} while (*fifo == -EEXIST && tries++ < 1000);
	if (*fifo < 0) {
		session->table.count--;
		return NULL;
	}
	entry->kind = kind;
	entry->pid = getpid();
	entry->uid = geteuid();
	entry->since_ms = clock_utc_ms();
	read_command(entry->command);
	session->dirty = true;
	return entry;
}

void virtual_entry_remove(struct virtual_session *session, struct virtual_entry *entry)
{
	struct virtual_entry *last = &session->table.entries[session->table.count - 1];

	virtual_holder_remove(session->vb, entry->id);
	memmove(entry, entry + 1, (size_t)(last - entry) * sizeof(*entry));
	session->table.count--;
	session->dirty = true;
}

void virtual_entry_end(struct virtual_session *session, struct virtual_entry *entry)
{
	switch (entry->kind) {
	case ENTRY_LEASE:
		virtual_tell(session, BROKER_EVENT_LEASE_FREE, entry->leased);
		break;
	case ENTRY_EXPECT:
		virtual_tell(session, BROKER_EVENT_EXPECT_GONE, 0);
		break;
	case ENTRY_HOLD:
	case ENTRY_ORPHAN:
		virtual_tell(session, BROKER_EVENT_RELEASED, entry->drive);
		break;
	}
	if (entry->kind == ENTRY_HOLD && entry->loaded) {
		entry->kind = ENTRY_ORPHAN;
		entry->since_ms = clock_utc_ms();
		virtual_holder_remove(session->vb, entry->id);
		session->dirty = true;
		return;
	}
	virtual_entry_remove(session, entry);
}

static bool device_absent(struct virtual_broker *vb, uint32_t device)
{
	return device == CHANGER_ID ? virtual_changer_absent(vb)
				    : virtual_drive_absent(vb, DRIVE_INDEX(device));
}

/* Take the dead out, and those whose drive is no more. */
static void reap(struct virtual_session *session)
{
	struct virtual_broker *vb = session->vb;
	size_t i = 0;

	while (i < session->table.count) {
		struct virtual_entry *entry = &session->table.entries[i];
		size_t before = session->table.count;

		if (entry->drive && virtual_drive_absent(vb, DRIVE_INDEX(entry->drive))) {
			virtual_tell(session, BROKER_EVENT_RELEASED, entry->drive);
			virtual_entry_remove(session, entry);
			continue;
		}
		if (entry->kind == ENTRY_LEASE && device_absent(vb, entry->leased)) {
			virtual_entry_end(session, entry);
			continue;
		}
		if (entry->kind != ENTRY_ORPHAN && !virtual_holder_alive(vb, entry->id))
			virtual_entry_end(session, entry);
		if (session->table.count == before)
			i++;
	}
}

void virtual_tell(struct virtual_session *session, enum broker_event_type type, uint32_t device)
{
	struct virtual_news *news;

	if (type == BROKER_EVENT_ATTENTION &&
	    virtual_fault_hits(session->vb, VIRTUAL_ATTENTION, VIRTUAL_ANYWHERE, VIRTUAL_ANYWHERE,
			       "telling of it") != 0)
		return;
	/* Without memory for the news there is still the change itself, which wakes everybody. */
	news = reallocarray(session->news, session->news_count + 1, sizeof(*news));
	if (!news)
		return;
	session->news = news;
	news[session->news_count].type = type;
	news[session->news_count++].device = device;
}

int virtual_enter(struct virtual_broker *vb, struct virtual_session *session)
{
	int error;

	memset(session, 0, sizeof(*session));
	session->vb = vb;
	session->lock = virtual_lock(vb);
	if (session->lock < 0)
		return session->lock;
	error = virtual_table_load(vb, &session->table);
	if (error) {
		virtual_unlock(session->lock);
		return error;
	}
	reap(session);
	return 0;
}

int virtual_leave(struct virtual_session *session, int result)
{
	if (session->dirty) {
		int error = table_save(session->vb, &session->table);

		if (result >= 0 && error)
			result = error;
	}
	virtual_unlock(session->lock);
	for (size_t i = 0; i < session->news_count; i++)
		virtual_touch(session->vb, session->news[i].type, session->news[i].device);
	free(session->news);
	free(session->table.entries);
	return result;
}

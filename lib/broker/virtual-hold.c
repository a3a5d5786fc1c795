/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virtual-hold.c - reservations: the kernel module's rules (uapi/linux/rsm.h), kept by a table */
#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/say.h"
#include "broker/virtual-impl.h"

struct virtual_hold {
	struct broker_hold base;
	struct virtual_broker *vb;
	uint64_t id;
	int fifo;
	int watch;	/* -1 until somebody asks for it */
	uint32_t drive; /* 0 while that is not known */
};

static struct virtual_hold *to_hold(struct broker_hold *hold)
{
	return (struct virtual_hold *)hold;
}

static struct virtual_hold *hold_new(struct virtual_broker *vb)
{
	struct virtual_hold *hold = calloc(1, sizeof(*hold));

	if (!hold) {
		ntms_say_errno(-ENOMEM, "no memory for a reservation");
		return NULL;
	}
	hold->base.ops = &virtual_broker_ops;
	hold->vb = virtual_ref(vb);
	hold->fifo = -1;
	hold->watch = -1;
	return hold;
}

static void hold_free(struct virtual_hold *hold)
{
	if (hold->fifo >= 0)
		close(hold->fifo);
	if (hold->watch >= 0)
		close(hold->watch);
	virtual_unref(hold->vb);
	free(hold);
}

static struct virtual_entry *medium_entry(struct virtual_session *session, const NTMS_GUID *medium)
{
	if (guid_is_null(medium))
		return NULL;
	for (size_t i = 0; i < session->table.count; i++) {
		struct virtual_entry *entry = &session->table.entries[i];

		if (entry->drive && guid_equal(&entry->medium, medium))
			return entry;
	}
	return NULL;
}

static struct virtual_entry *token_entry(struct virtual_session *session, const NTMS_GUID *token)
{
	for (size_t i = 0; i < session->table.count; i++) {
		struct virtual_entry *entry = &session->table.entries[i];

		if (entry->kind == ENTRY_EXPECT && guid_equal(&entry->medium, token))
			return entry;
	}
	return NULL;
}

/* Somebody has it: who, and since when it helps to know. */
static int say_held(const struct virtual_entry *entry)
{
	if (entry->kind == ENTRY_ORPHAN)
		return ntms_say_errno(-EOWNERDEAD,
				      "process %d (%s) died with a medium in drive %u, which must "
				      "be recovered first",
				      entry->pid, entry->command, DRIVE_INDEX(entry->drive));
	return ntms_say_errno(-EBUSY, "process %d (%s) holds drive %u", entry->pid, entry->command,
			      DRIVE_INDEX(entry->drive));
}

struct request {
	struct virtual_lease *lease;
	uint32_t drive;
	const NTMS_GUID *medium;
	unsigned int flags;
	uint64_t generation;
};

/* Is the drive the lease's own, or one of its changer? */
static bool belongs(const struct virtual_session *session, const struct virtual_lease *lease,
		    uint32_t drive)
{
	if (lease->device != CHANGER_ID)
		return lease->device == drive;
	return session->table.assigned[DRIVE_INDEX(drive)];
}

/* May the request take from @entry what that has? */
static bool may_take(const struct virtual_session *session, const struct request *request,
		     const struct virtual_entry *entry)
{
	if (entry->drive == request->drive && request->flags & BROKER_REVOKE)
		return true; /* check_rights() has seen the generation */
	return entry->kind == ENTRY_ORPHAN && request->flags & BROKER_RECOVER &&
	       belongs(session, request->lease, entry->drive);
}

static int check_rights(struct virtual_session *session, const struct request *request)
{
	struct virtual_entry *holder = virtual_drive_entry(session, request->drive);
	int error;

	error = virtual_lease_check(session, request->lease);
	if (error)
		return error;
	if (request->lease->device != CHANGER_ID && request->lease->device != request->drive)
		return ntms_say_errno(-EPERM, "the lease is for drive %u and not for drive %u",
				      DRIVE_INDEX(request->lease->device),
				      DRIVE_INDEX(request->drive));
	if (!(request->flags & (BROKER_RECOVER | BROKER_REVOKE)))
		return 0;
	if (!belongs(session, request->lease, request->drive))
		return ntms_say_errno(-EPERM, "drive %u is not assigned to the library",
				      DRIVE_INDEX(request->drive));
	if (!(request->flags & BROKER_REVOKE))
		return 0;
	if (!holder || (holder->kind == ENTRY_ORPHAN && !(request->flags & BROKER_RECOVER)))
		return ntms_say_errno(-ENOENT, "nobody holds drive %u",
				      DRIVE_INDEX(request->drive));
	if (holder->generation != request->generation)
		return ntms_say_errno(-ESTALE,
				      "the reservation of drive %u that was meant has ended",
				      DRIVE_INDEX(request->drive));
	return 0;
}

static int reserve(struct virtual_session *session, const struct request *request,
		   struct virtual_hold *hold)
{
	struct virtual_entry *entry, *old, *other;
	NTMS_GUID medium = *request->medium;
	bool loaded = false;
	int error;

	error = virtual_drive_check(session->vb, request->drive);
	if (!error)
		error = check_rights(session, request);
	if (error)
		return error;
	old = virtual_drive_entry(session, request->drive);
	if (old && !may_take(session, request, old))
		return say_held(old);
	other = medium_entry(session, &medium);
	if (other && !may_take(session, request, other))
		return say_held(other);
	/* Adding may move the others, so look them up once more. */
	entry = virtual_entry_add(session, ENTRY_HOLD, &hold->fifo);
	if (!entry)
		return hold->fifo < 0 ? hold->fifo : -ENOMEM;
	hold->id = entry->id;
	hold->drive = request->drive;
	old = virtual_drive_entry(session, request->drive);
	other = medium_entry(session, &medium);
	if (other && other != old)
		memset(&other->medium, 0, sizeof(other->medium));
	/* As loaded as before, and with the same medium unless another is named. */
	if (old) {
		loaded = old->loaded;
		if (loaded && guid_is_null(&medium))
			medium = old->medium;
		virtual_entry_remove(session, old);
	}
	entry = virtual_entry(session, hold->id);
	entry->generation = session->table.next++;
	entry->drive = request->drive;
	entry->medium = medium;
	entry->loaded = loaded;
	return 0;
}

int virtual_reserve(struct broker_lease *base, uint32_t drive, const NTMS_GUID *medium,
		    unsigned int flags, uint64_t generation, struct broker_hold **holdp)
{
	struct virtual_lease *lease = (struct virtual_lease *)base;
	struct request request = {lease, drive, medium, flags, generation};
	struct virtual_session session;
	struct virtual_hold *hold;
	int error;

	if (flags & ~(unsigned int)(BROKER_RECOVER | BROKER_REVOKE) ||
	    (generation && !(flags & BROKER_REVOKE)))
		return ntms_say_errno(-EINVAL, "cannot reserve with flags 0x%x", flags);
	hold = hold_new(lease->vb);
	if (!hold)
		return -ENOMEM;
	error = virtual_enter(lease->vb, &session);
	if (!error)
		error = virtual_leave(&session, reserve(&session, &request, hold));
	if (error) {
		hold_free(hold);
		return error;
	}
	*holdp = &hold->base;
	return 0;
}

static int expect(struct virtual_session *session, const NTMS_GUID *token,
		  struct virtual_hold *hold)
{
	struct virtual_entry *entry;

	if (token_entry(session, token))
		return ntms_say_errno(-EEXIST, "the token is expected already");
	entry = virtual_entry_add(session, ENTRY_EXPECT, &hold->fifo);
	if (!entry)
		return hold->fifo < 0 ? hold->fifo : -ENOMEM;
	entry->medium = *token;
	hold->id = entry->id;
	return 0;
}

int virtual_expect(struct broker *broker, const NTMS_GUID *token, struct broker_hold **holdp)
{
	struct virtual_broker *vb = to_virtual(broker);
	struct virtual_session session;
	struct virtual_hold *hold;
	int error;

	if (guid_is_null(token))
		return ntms_say_errno(-EINVAL, "a token must not be all zero");
	hold = hold_new(vb);
	if (!hold)
		return -ENOMEM;
	error = virtual_enter(vb, &session);
	if (!error)
		error = virtual_leave(&session, expect(&session, token, hold));
	if (error) {
		hold_free(hold);
		return error;
	}
	*holdp = &hold->base;
	return 0;
}

int virtual_expected(struct broker *broker, const NTMS_GUID *token)
{
	struct virtual_session session;
	int result;

	result = virtual_enter(to_virtual(broker), &session);
	if (result)
		return result;
	result = token_entry(&session, token) ? 1 : 0;
	return virtual_leave(&session, result);
}

/* The hold's entry while it holds something. */
static int held_entry(struct virtual_session *session, struct virtual_hold *hold,
		      struct virtual_entry **entryp)
{
	struct virtual_entry *entry = virtual_entry(session, hold->id);
	uint32_t drive = hold->drive;

	*entryp = entry;
	if (entry && entry->kind == ENTRY_HOLD) {
		__atomic_store_n(&hold->drive, entry->drive, __ATOMIC_RELAXED);
		return 0;
	}
	if (entry && entry->kind == ENTRY_EXPECT)
		return ntms_say_errno(-EBADFD, "nothing was handed over yet");
	if (drive && virtual_drive_absent(hold->vb, DRIVE_INDEX(drive)))
		return ntms_say_errno(-ENODEV, "drive %u of %s is unplugged", DRIVE_INDEX(drive),
				      hold->vb->path);
	return ntms_say_errno(-ESTALE, "the reservation has ended");
}

static int transfer(struct virtual_session *session, struct virtual_hold *hold,
		    const NTMS_GUID *token, uint64_t *generation)
{
	struct virtual_entry *from, *to;
	int error;

	error = held_entry(session, hold, &from);
	if (error)
		return error;
	to = token_entry(session, token);
	if (!to)
		return ntms_say_errno(-ENOENT, "nobody waits for drive %u any more",
				      DRIVE_INDEX(from->drive));
	to->kind = ENTRY_HOLD;
	to->drive = from->drive;
	to->medium = from->medium;
	to->loaded = from->loaded;
	to->since_ms = clock_utc_ms();
	to->generation = session->table.next++;
	*generation = to->generation;
	virtual_entry_remove(session, from);
	return 0;
}

int virtual_transfer(struct broker_hold *base, const NTMS_GUID *token, uint64_t *generation)
{
	struct virtual_hold *hold = to_hold(base);
	struct virtual_session session;
	int error;

	if (guid_is_null(token))
		return ntms_say_errno(-EINVAL, "a token must not be all zero");
	error = virtual_enter(hold->vb, &session);
	if (error)
		return error;
	return virtual_leave(&session, transfer(&session, hold, token, generation));
}

int virtual_mark(struct broker_hold *base, bool loaded)
{
	struct virtual_hold *hold = to_hold(base);
	struct virtual_session session;
	struct virtual_entry *entry;
	int error;

	error = virtual_enter(hold->vb, &session);
	if (error)
		return error;
	error = held_entry(&session, hold, &entry);
	if (!error && entry->loaded != loaded) {
		entry->loaded = loaded;
		session.dirty = true;
	}
	return virtual_leave(&session, error);
}

int virtual_hold_state(struct broker_hold *base, enum broker_hold_state *state,
		       uint64_t *generation)
{
	struct virtual_hold *hold = to_hold(base);
	struct virtual_session session;
	struct virtual_entry *entry;
	char drain[4096];
	int error;
	int watch;

	watch = __atomic_load_n(&hold->watch, __ATOMIC_ACQUIRE);
	/* Before looking, so that no later change is missed. */
	if (watch >= 0) {
		while (read(watch, drain, sizeof(drain)) > 0)
			;
	}
	error = virtual_enter(hold->vb, &session);
	if (error)
		return error;
	error = held_entry(&session, hold, &entry);
	if (!error && generation)
		*generation = entry->generation;
	*state = error == 0 ? HOLD_HELD : error == -EBADFD ? HOLD_PENDING : HOLD_ENDED;
	return virtual_leave(&session, 0);
}

int virtual_hold_fd(struct broker_hold *base)
{
	struct virtual_hold *hold = to_hold(base);
	int watch;

	pthread_mutex_lock(&hold->vb->mutex);
	watch = hold->watch;
	if (watch < 0) {
		watch = virtual_watch(hold->vb);
		if (watch >= 0)
			__atomic_store_n(&hold->watch, watch, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&hold->vb->mutex);
	return watch;
}

void virtual_release(struct broker_hold *base)
{
	struct virtual_hold *hold = to_hold(base);
	struct virtual_session session;

	if (virtual_enter(hold->vb, &session) == 0) {
		struct virtual_entry *entry = virtual_entry(&session, hold->id);

		if (entry && entry->kind != ENTRY_ORPHAN)
			virtual_entry_end(&session, entry);
		virtual_leave(&session, 0);
	} else {
		virtual_holder_end(hold->vb, hold->id,
				   hold->drive ? BROKER_EVENT_RELEASED : BROKER_EVENT_EXPECT_GONE,
				   hold->drive);
	}
	hold_free(hold);
}

int virtual_holders(struct broker *broker, struct broker_holder **list, size_t *count)
{
	struct virtual_session session;
	struct broker_holder *holders;
	size_t used = 0;
	int error;

	error = virtual_enter(to_virtual(broker), &session);
	if (error)
		return error;
	holders = calloc(session.table.count + 1, sizeof(*holders));
	if (!holders)
		return virtual_leave(&session,
				     ntms_say_errno(-ENOMEM, "no memory for a list of holders"));
	for (size_t i = 0; i < session.table.count; i++) {
		const struct virtual_entry *entry = &session.table.entries[i];
		struct broker_holder *holder = &holders[used];

		if (!entry->drive)
			continue;
		holder->drive = entry->drive;
		holder->state = entry->kind == ENTRY_ORPHAN ? HOLDER_ORPHANED : HOLDER_HELD;
		holder->loaded = entry->loaded;
		holder->pid = entry->pid;
		holder->uid = entry->uid;
		holder->since_ms = entry->since_ms;
		holder->generation = entry->generation;
		holder->medium = entry->medium;
		memcpy(holder->command, entry->command, sizeof(holder->command));
		used++;
	}
	error = virtual_leave(&session, 0);
	if (error) {
		free(holders);
		return error;
	}
	*list = holders;
	*count = used;
	return 0;
}

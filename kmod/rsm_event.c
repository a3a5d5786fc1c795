// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: one ring for all readers of /dev/rsm, and generic netlink.
 *
 * Readers keep a place in the ring and cost nothing otherwise. A reader who is slower
 * than the ring is long is told how many events it missed.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>

#include "compat.h"
#include "rsm_private.h"

#define CREATE_TRACE_POINTS
#include "rsm_trace.h"

#define RSM_RING_SIZE 1024

static DEFINE_MUTEX(event_lock);
static DECLARE_WAIT_QUEUE_HEAD(event_wait);
static struct rsm_event *ring;
static u64 last_sequence; /* of the newest event; the first one has 1 */

static const struct genl_multicast_group event_groups[] = {
	{.name = RSM_GENL_GROUP, RSM_MCAST_FLAGS},
};

static struct genl_family event_family __ro_after_init = {
	.name = RSM_GENL_NAME,
	.version = RSM_GENL_VERSION,
	.maxattr = RSM_GENL_ATTR_MAX,
	.module = THIS_MODULE,
	.mcgrps = event_groups,
	.n_mcgrps = ARRAY_SIZE(event_groups),
};

static int event_fill(struct sk_buff *skb, const struct rsm_event *event)
{
	if (nla_put_u32(skb, RSM_GENL_ATTR_TYPE, event->type) ||
	    nla_put_u32(skb, RSM_GENL_ATTR_DEVICE, event->device) ||
	    nla_put_u64_64bit(skb, RSM_GENL_ATTR_SEQUENCE, event->sequence, RSM_GENL_ATTR_PAD) ||
	    nla_put_u64_64bit(skb, RSM_GENL_ATTR_TIME, event->time_ns, RSM_GENL_ATTR_PAD) ||
	    nla_put_u64_64bit(skb, RSM_GENL_ATTR_GENERATION, event->generation,
			      RSM_GENL_ATTR_PAD) ||
	    nla_put(skb, RSM_GENL_ATTR_MEDIUM, sizeof(event->medium), event->medium) ||
	    nla_put_s32(skb, RSM_GENL_ATTR_PID, event->pid) ||
	    nla_put_s32(skb, RSM_GENL_ATTR_OTHER_PID, event->other_pid) ||
	    nla_put_u32(skb, RSM_GENL_ATTR_DETAIL, event->detail) ||
	    nla_put_u16(skb, RSM_GENL_ATTR_SOURCE, event->source) ||
	    nla_put_u16(skb, RSM_GENL_ATTR_DESTINATION, event->destination) ||
	    nla_put_string(skb, RSM_GENL_ATTR_COMM, event->comm) ||
	    nla_put_string(skb, RSM_GENL_ATTR_OTHER_COMM, event->other_comm) ||
	    nla_put_u32(skb, RSM_GENL_ATTR_UID, event->uid) ||
	    nla_put_u32(skb, RSM_GENL_ATTR_NODE, event->node))
		return -EMSGSIZE;
	return 0;
}

/* Without memory the message is dropped: listeners see the gap in the sequence. */
static void event_multicast(const struct rsm_event *event)
{
	struct sk_buff *skb;
	void *header;

	if (!genl_has_listeners(&event_family, &init_net, 0))
		return;
	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &event_family, 0, RSM_GENL_CMD_EVENT);
	if (!header || event_fill(skb, event)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&event_family, skb, 0, 0, GFP_KERNEL);
}

/**
 * rsm_event_who - say in an event who did it, and to whom
 * @event: the event
 * @who: for @pid and @comm, or NULL
 * @other: for @other_pid and @other_comm, or NULL
 *
 * Process ids in events are those of the initial namespace: every reader gets the same.
 */
void rsm_event_who(struct rsm_event *event, const struct rsm_who *who, const struct rsm_who *other)
{
	if (who) {
		event->pid = pid_nr(who->pid);
		event->uid = from_kuid_munged(&init_user_ns, who->uid);
		memcpy(event->comm, who->comm, sizeof(event->comm));
	}
	if (other) {
		event->other_pid = pid_nr(other->pid);
		memcpy(event->other_comm, other->comm, sizeof(event->other_comm));
	}
}

static void trace(const struct rsm_event *event)
{
	switch (event->type) {
	case RSM_EVENT_CONFLICT:
		trace_rsm_conflict(event);
		break;
	case RSM_EVENT_ROBOT_BEGIN:
	case RSM_EVENT_ROBOT_END:
		trace_rsm_robot(event);
		break;
	case RSM_EVENT_LEASE_TAKEN:
	case RSM_EVENT_LEASE_LOST:
		trace_rsm_lease(event);
		break;
	case RSM_EVENT_DEVICE_ADDED:
	case RSM_EVENT_DEVICE_GONE:
	case RSM_EVENT_UNIT_ATTENTION:
	case RSM_EVENT_MANAGED:
	case RSM_EVENT_UNMANAGED:
		trace_rsm_device(event);
		break;
	default:
		trace_rsm_reservation(event);
	}
}

/**
 * rsm_event_send - number an event and give it to all who listen
 * @event: the event; its sequence and time are filled in
 *
 * May sleep. Events of the same caller, and of callers under rsm_lock, keep their order.
 */
void rsm_event_send(struct rsm_event *event)
{
	mutex_lock(&event_lock);
	event->sequence = last_sequence + 1;
	event->time_ns = ktime_get_real_ns();
	ring[event->sequence % RSM_RING_SIZE] = *event;
	WRITE_ONCE(last_sequence, event->sequence);
	trace(event);
	event_multicast(event);
	mutex_unlock(&event_lock);
	wake_up_interruptible_poll(&event_wait, EPOLLIN | EPOLLRDNORM);
}

static u64 oldest_sequence(void)
{
	lockdep_assert_held(&event_lock);
	return last_sequence < RSM_RING_SIZE ? 1 : last_sequence - RSM_RING_SIZE + 1;
}

/* The first look at the events is where they begin. */
static void reader_start(struct rsm_reader *reader)
{
	lockdep_assert_held(&event_lock);
	if (!reader->next)
		WRITE_ONCE(reader->next, last_sequence + 1);
}

/* Without the lock, because a condition of wait_event() must not sleep. */
static bool reader_has_event(const struct rsm_reader *reader)
{
	return READ_ONCE(reader->next) <= READ_ONCE(last_sequence);
}

/* Copies the reader's next event and tells the place after it; false when there is none. */
static bool reader_peek(struct rsm_reader *reader, struct rsm_event *event, u64 *after)
{
	bool found = false;
	u64 oldest;

	mutex_lock(&event_lock);
	reader_start(reader);
	oldest = oldest_sequence();
	if (reader->next < oldest) {
		memset(event, 0, sizeof(*event));
		event->type = RSM_EVENT_OVERRUN;
		event->sequence = oldest - 1;
		event->time_ns = ktime_get_real_ns();
		event->detail = min_t(u64, oldest - reader->next, U32_MAX);
		*after = oldest;
		found = true;
	} else if (reader->next <= last_sequence) {
		*event = ring[reader->next % RSM_RING_SIZE];
		*after = reader->next + 1;
		found = true;
	}
	mutex_unlock(&event_lock);
	return found;
}

static void reader_advance(struct rsm_reader *reader, u64 next)
{
	mutex_lock(&event_lock);
	WRITE_ONCE(reader->next, next);
	mutex_unlock(&event_lock);
}

/**
 * rsm_reader_init - make a reader that has not looked yet
 * @reader: the reader
 */
void rsm_reader_init(struct rsm_reader *reader)
{
	mutex_init(&reader->lock);
	reader->next = 0;
}

/**
 * rsm_reader_rewind - have a reader begin with the oldest event there is
 * @reader: the reader
 */
void rsm_reader_rewind(struct rsm_reader *reader)
{
	mutex_lock(&event_lock);
	WRITE_ONCE(reader->next, oldest_sequence());
	mutex_unlock(&event_lock);
}

/* As many events as there are and fit; an event that cannot be copied stays unread. */
static ssize_t reader_drain(struct rsm_reader *reader, char __user *buffer, size_t size)
{
	struct rsm_event event;
	size_t done = 0;
	u64 after;

	while (size - done >= sizeof(event) && reader_peek(reader, &event, &after)) {
		if (copy_to_user(buffer + done, &event, sizeof(event)))
			return done ? done : -EFAULT;
		reader_advance(reader, after);
		done += sizeof(event);
	}
	return done;
}

/**
 * rsm_event_read - read() of /dev/rsm
 * @reader: the file's reader
 * @buffer: user memory for whole events
 * @size: its bytes
 * @nonblock: do not wait for the first one
 *
 * Return: bytes of the events read, or -EINVAL, -EAGAIN, -EFAULT, -ERESTARTSYS.
 */
ssize_t rsm_event_read(struct rsm_reader *reader, char __user *buffer, size_t size, bool nonblock)
{
	ssize_t done;

	if (size < sizeof(struct rsm_event))
		return -EINVAL;
	for (;;) {
		if (mutex_lock_interruptible(&reader->lock))
			return -ERESTARTSYS;
		done = reader_drain(reader, buffer, size);
		mutex_unlock(&reader->lock);
		if (done)
			return done;
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(event_wait, reader_has_event(reader)))
			return -ERESTARTSYS;
	}
}

/**
 * rsm_event_poll - poll() of /dev/rsm
 * @reader: the file's reader
 * @file: the file
 * @table: what poll hands down
 *
 * Return: EPOLLIN and EPOLLRDNORM when there is an event to read.
 */
__poll_t rsm_event_poll(struct rsm_reader *reader, struct file *file, poll_table *table)
{
	poll_wait(file, &event_wait, table);
	mutex_lock(&event_lock);
	reader_start(reader);
	mutex_unlock(&event_lock);
	return reader_has_event(reader) ? EPOLLIN | EPOLLRDNORM : 0;
}

/**
 * rsm_event_init - get ready to send events
 *
 * Return: 0, -ENOMEM, or what generic netlink says.
 */
int rsm_event_init(void)
{
	int err;

	ring = kvcalloc(RSM_RING_SIZE, sizeof(*ring), GFP_KERNEL);
	if (!ring)
		return -ENOMEM;
	err = genl_register_family(&event_family);
	if (err)
		kvfree(ring);
	return err;
}

/**
 * rsm_event_exit - nobody sends events any more
 */
void rsm_event_exit(void)
{
	genl_unregister_family(&event_family);
	kvfree(ring);
}

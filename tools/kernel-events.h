/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel-events.h - the events of the kernel module, by generic netlink
 */
#ifndef RSM_KERNEL_EVENTS_H
#define RSM_KERNEL_EVENTS_H

#include <linux/rsm.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

struct kernel_events;

/* What came. */
enum kernel_heard {
	KERNEL_NOTHING, /* no more for now */
	KERNEL_EVENT,
	KERNEL_LOST,   /* the socket's memory was full: some are lost */
	KERNEL_STRANGE /* a message that no module of ours sends; left out */
};

/* Listen. 0, or a negative errno: ENOENT when the module is not loaded, EPERM. */
int kernel_events_open(struct kernel_events **events);
void kernel_events_close(struct kernel_events *events);

/* Polls readable when there may be an event. */
int kernel_events_fd(const struct kernel_events *events);

/* The next event, without waiting, or a negative errno. */
int kernel_events_next(struct kernel_events *events, struct rsm_event *event);

/* Is this message of family @family an event as our module sends it: each attribute once, in its
 * size? Attributes of later versions are passed over. */
bool kernel_event_decode(struct nlmsghdr *message, int family, struct rsm_event *event);

#endif

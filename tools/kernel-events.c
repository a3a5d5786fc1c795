/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel-events.c - the events of the kernel module, by generic netlink
 */
#include "kernel-events.h"
#include <errno.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

/* A burst of this many bytes is kept while we print. */
#define SOCKET_BYTES (1 << 20)

struct kernel_events {
	struct nl_sock *socket;
	int family;
	enum kernel_heard heard;
	struct rsm_event event;
};

#define NUMBER(kind, bytes)                                          \
	{                                                            \
		.type = (kind), .minlen = (bytes), .maxlen = (bytes) \
	}

static struct nla_policy policy[RSM_GENL_ATTR_MAX + 1] = {
	[RSM_GENL_ATTR_TYPE] = NUMBER(NLA_U32, 4),
	[RSM_GENL_ATTR_DEVICE] = NUMBER(NLA_U32, 4),
	[RSM_GENL_ATTR_SEQUENCE] = NUMBER(NLA_U64, 8),
	[RSM_GENL_ATTR_TIME] = NUMBER(NLA_U64, 8),
	[RSM_GENL_ATTR_GENERATION] = NUMBER(NLA_U64, 8),
	[RSM_GENL_ATTR_MEDIUM] = NUMBER(NLA_UNSPEC, RSM_ID_SIZE),
	[RSM_GENL_ATTR_PID] = NUMBER(NLA_S32, 4),
	[RSM_GENL_ATTR_OTHER_PID] = NUMBER(NLA_S32, 4),
	[RSM_GENL_ATTR_DETAIL] = NUMBER(NLA_U32, 4),
	[RSM_GENL_ATTR_SOURCE] = NUMBER(NLA_U16, 2),
	[RSM_GENL_ATTR_DESTINATION] = NUMBER(NLA_U16, 2),
	[RSM_GENL_ATTR_COMM] = {.type = NLA_STRING, .minlen = 1, .maxlen = RSM_COMM_SIZE},
	[RSM_GENL_ATTR_OTHER_COMM] = {.type = NLA_STRING, .minlen = 1, .maxlen = RSM_COMM_SIZE},
	[RSM_GENL_ATTR_UID] = NUMBER(NLA_U32, 4),
	[RSM_GENL_ATTR_NODE] = NUMBER(NLA_U32, 4),
};

bool kernel_event_decode(struct nlmsghdr *message, int family, struct rsm_event *event)
{
	struct nlattr *a[RSM_GENL_ATTR_MAX + 1];

	if (message->nlmsg_type != family || !genlmsg_valid_hdr(message, 0) ||
	    genlmsg_hdr(message)->cmd != RSM_GENL_CMD_EVENT ||
	    genlmsg_parse(message, 0, a, RSM_GENL_ATTR_MAX, policy))
		return false;
	for (int i = RSM_GENL_ATTR_TYPE; i <= RSM_GENL_ATTR_MAX; i++)
		if (!a[i])
			return false;
	*event = (struct rsm_event){
		.type = nla_get_u32(a[RSM_GENL_ATTR_TYPE]),
		.device = nla_get_u32(a[RSM_GENL_ATTR_DEVICE]),
		.sequence = nla_get_u64(a[RSM_GENL_ATTR_SEQUENCE]),
		.time_ns = nla_get_u64(a[RSM_GENL_ATTR_TIME]),
		.generation = nla_get_u64(a[RSM_GENL_ATTR_GENERATION]),
		.pid = nla_get_s32(a[RSM_GENL_ATTR_PID]),
		.other_pid = nla_get_s32(a[RSM_GENL_ATTR_OTHER_PID]),
		.detail = nla_get_u32(a[RSM_GENL_ATTR_DETAIL]),
		.source = nla_get_u16(a[RSM_GENL_ATTR_SOURCE]),
		.destination = nla_get_u16(a[RSM_GENL_ATTR_DESTINATION]),
		.uid = nla_get_u32(a[RSM_GENL_ATTR_UID]),
		.node = nla_get_u32(a[RSM_GENL_ATTR_NODE]),
	};
	nla_memcpy(event->medium, a[RSM_GENL_ATTR_MEDIUM], sizeof(event->medium));
	nla_strlcpy(event->comm, a[RSM_GENL_ATTR_COMM], sizeof(event->comm));
	nla_strlcpy(event->other_comm, a[RSM_GENL_ATTR_OTHER_COMM], sizeof(event->other_comm));
	return true;
}

/* Each event comes in a datagram of its own. */
static int on_message(struct nl_msg *message, void *argument)
{
	struct kernel_events *events = argument;
	bool good = nlmsg_get_src(message)->nl_pid == 0 && /* others may send to us, too */
		    kernel_event_decode(nlmsg_hdr(message), events->family, &events->event);

	events->heard = good ? KERNEL_EVENT : KERNEL_STRANGE;
	return NL_STOP;
}

int kernel_events_next(struct kernel_events *events, struct rsm_event *event)
{
	int error;

	events->heard = KERNEL_NOTHING;
	error = nl_recvmsgs_default(events->socket);
	if (error == -NLE_AGAIN)
		return KERNEL_NOTHING;
	if (error == -NLE_NOMEM) /* ENOBUFS */
		return KERNEL_LOST;
	if (error < 0)
		return -EIO;
	*event = events->event;
	return events->heard;
}

static int join(struct kernel_events *events)
{
	int group, error;

	if (genl_connect(events->socket))
		return -EIO;
	events->family = genl_ctrl_resolve(events->socket, RSM_GENL_NAME);
	group = genl_ctrl_resolve_grp(events->socket, RSM_GENL_NAME, RSM_GENL_GROUP);
	if (events->family < 0 || group < 0)
		return -ENOENT;
	nl_socket_disable_seq_check(events->socket);
	nl_socket_modify_cb(events->socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, events);
	nl_socket_set_buffer_size(events->socket, SOCKET_BYTES, 0);
	error = nl_socket_add_membership(events->socket, group);
	if (error)
		return error == -NLE_PERM ? -EPERM : -EIO;
	return nl_socket_set_nonblocking(events->socket) ? -EIO : 0;
}

int kernel_events_open(struct kernel_events **eventsp)
{
	struct kernel_events *events = calloc(1, sizeof(*events));
	int error;

	if (!events)
		return -ENOMEM;
	events->socket = nl_socket_alloc();
	error = events->socket ? join(events) : -ENOMEM;
	if (error) {
		kernel_events_close(events);
		return error;
	}
	*eventsp = events;
	return 0;
}

void kernel_events_close(struct kernel_events *events)
{
	nl_socket_free(events->socket);
	free(events);
}

int kernel_events_fd(const struct kernel_events *events)
{
	return nl_socket_get_fd(events->socket);
}

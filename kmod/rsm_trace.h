/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: every event of <linux/rsm.h>, sorted by what it is about.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rsm

#if !defined(RSM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RSM_TRACE_H

#include <linux/rsm.h>
#include <linux/tracepoint.h>

/* clang-format off */
DECLARE_EVENT_CLASS(rsm_event_class,
		    TP_PROTO(const struct rsm_event *event),
		    TP_ARGS(event),
		    TP_STRUCT__entry(__field(u32, type)
				     __field(u32, device)
				     __field(u64, generation)
				     __field(s32, pid)
				     __field(s32, other_pid)
				     __field(u32, detail)
				     __field(u32, node)
				     __field(u16, source)
				     __field(u16, destination)
				     __array(char, comm, RSM_COMM_SIZE)
				     __array(char, other_comm, RSM_COMM_SIZE)),
		    TP_fast_assign(__entry->type = event->type;
				   __entry->device = event->device;
				   __entry->generation = event->generation;
				   __entry->pid = event->pid;
				   __entry->other_pid = event->other_pid;
				   __entry->detail = event->detail;
				   __entry->node = event->node;
				   __entry->source = event->source;
				   __entry->destination = event->destination;
				   memcpy(__entry->comm, event->comm, RSM_COMM_SIZE);
				   memcpy(__entry->other_comm, event->other_comm, RSM_COMM_SIZE);),
		    TP_printk("type=%u device=%u generation=%llu pid=%d (%s) other=%d (%s) detail=%#x node=%u:%u source=%u destination=%u",
			      __entry->type, __entry->device, __entry->generation, __entry->pid,
			      __entry->comm, __entry->other_pid, __entry->other_comm,
			      __entry->detail, __entry->node >> 20, __entry->node & 0xfffff,
			      __entry->source, __entry->destination)
);

DEFINE_EVENT(rsm_event_class, rsm_reservation,
	     TP_PROTO(const struct rsm_event *event), TP_ARGS(event));
DEFINE_EVENT(rsm_event_class, rsm_lease,
	     TP_PROTO(const struct rsm_event *event), TP_ARGS(event));
DEFINE_EVENT(rsm_event_class, rsm_robot,
	     TP_PROTO(const struct rsm_event *event), TP_ARGS(event));
DEFINE_EVENT(rsm_event_class, rsm_conflict,
	     TP_PROTO(const struct rsm_event *event), TP_ARGS(event));
DEFINE_EVENT(rsm_event_class, rsm_device,
	     TP_PROTO(const struct rsm_event *event), TP_ARGS(event));

/* clang-format on */

#endif /* RSM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE rsm_trace
#include <trace/define_trace.h>

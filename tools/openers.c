/* SPDX-License-Identifier: GPL-2.0-only */
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "openers.h"

/*
 * A drive has several nodes (st0, nst0, st0m, ...) and only the one that was given out is watched.
 * So look again after a while even if nothing was heard.
 */
#define LOOK_AGAIN_NS (10 * 1000000000ull)

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void add(int set, int fd)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (fd >= 0)
		epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

void openers_start(struct openers *openers, char *const *device, size_t count, int stop,
		   uint32_t limit_ms)
{
	openers->deadline = limit_ms == UINT32_MAX ? UINT64_MAX : now_ns() + limit_ms * 1000000ull;
	openers->stop = stop;
	openers->fd = epoll_create1(EPOLL_CLOEXEC);
	openers->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	openers->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	for (size_t i = 0; openers->notify >= 0 && i < count; i++)
		if (device[i])
			inotify_add_watch(openers->notify, device[i], IN_CLOSE);
	add(openers->fd, openers->notify);
	add(openers->fd, openers->timer);
	add(openers->fd, stop);
}

static bool is_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return fd >= 0 && poll(&poll_fd, 1, 0) > 0;
}

static void drain(int fd)
{
	char events[4096];

	while (read(fd, events, sizeof(events)) > 0)
		;
}

void openers_look(struct openers *openers)
{
	drain(openers->notify);
	drain(openers->timer);
}

bool openers_again(struct openers *openers)
{
	uint64_t now = now_ns(), left;
	struct itimerspec when;

	/* Without descriptors there is nothing to wait with. */
	if (openers->fd < 0 || openers->timer < 0)
		return false;
	if (now >= openers->deadline || is_readable(openers->stop))
		return false;
	left = openers->deadline - now;
	if (left > LOOK_AGAIN_NS)
		left = LOOK_AGAIN_NS;
	memset(&when, 0, sizeof(when));
	when.it_value.tv_sec = (time_t)(left / 1000000000u);
	when.it_value.tv_nsec = (long)(left % 1000000000u);
	if (!when.it_value.tv_sec && !when.it_value.tv_nsec)
		when.it_value.tv_nsec = 1;
	return !timerfd_settime(openers->timer, 0, &when, NULL);
}

void openers_stop(struct openers *openers)
{
	int fds[] = {openers->fd, openers->notify, openers->timer};

	for (size_t i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

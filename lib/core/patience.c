/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <poll.h>
#include "base/clock.h"
#include "base/say.h"
#include "core/patience.h"

/* Whatever wake-up gets lost, nothing waits longer than this without a look. */
#define LOOK_AGAIN_MS 5000

DWORD patience_begin(struct patience *patience, struct session *session, uint64_t deadline_ns)
{
	patience->session = session;
	patience->deadline_ns = deadline_ns;
	return store_watch_open(session->system->store, &patience->watch_fd);
}

void patience_end(struct patience *patience)
{
	store_watch_close(patience->watch_fd);
}

DWORD patience_sleep(struct patience *patience, int stop_fd)
{
	struct pollfd fds[] = {
		{.fd = patience->watch_fd, .events = POLLIN},
		{.fd = patience->session->close_fd, .events = POLLIN},
		{.fd = stop_fd, .events = POLLIN},
	};
	int timeout = clock_poll_ms(patience->deadline_ns);

	if (timeout == 0)
		return ntms_say(ERROR_TIMEOUT, "the time allowed is over");
	if (timeout < 0 || timeout > LOOK_AGAIN_MS)
		timeout = LOOK_AGAIN_MS;
	if (poll(fds, 3, timeout) < 0)
		return ERROR_SUCCESS; /* a signal: a look does no harm */
	if (fds[1].revents)
		return ntms_say(ERROR_CANCELLED, "the session was closed");
	if (fds[2].revents)
		return ERROR_CANCELLED;
	if (fds[0].revents)
		store_watch_drain(patience->watch_fd);
	return ERROR_SUCCESS;
}

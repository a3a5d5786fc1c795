/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "cancel.h"

static void *cancel_main(void *pointer)
{
	struct canceller *canceller = pointer;

	while (poll(canceller->fds, canceller->count, -1) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i + 1 < canceller->count; i++) {
		if (!canceller->fds[i].revents)
			continue;
		canceller->fired = (int)i;
		CloseNtmsSession(canceller->session);
		break;
	}
	return NULL;
}

DWORD canceller_start(struct rsm *rsm, struct canceller *canceller, const int *fds, size_t count)
{
	canceller->session = rsm->session;
	canceller->fired = -1;
	canceller->count = count + 1;
	for (size_t i = 0; i < count; i++)
		canceller->fds[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	canceller->fds[count].events = POLLIN;
	canceller->fds[count].fd = eventfd(0, EFD_CLOEXEC);
	if (canceller->fds[count].fd >= 0 &&
	    !pthread_create(&canceller->thread, NULL, cancel_main, canceller))
		return ERROR_SUCCESS;
	if (canceller->fds[count].fd >= 0)
		close(canceller->fds[count].fd);
	return note_text(rsm, ERROR_NOT_ENOUGH_MEMORY, "cannot start a thread");
}

int canceller_stop(struct canceller *canceller)
{
	eventfd_write(canceller->fds[canceller->count - 1].fd, 1);
	pthread_join(canceller->thread, NULL);
	close(canceller->fds[canceller->count - 1].fd);
	return canceller->fired;
}

/* ---- signals ---- */

void interrupt_begin(struct interrupt *interrupt)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &interrupt->mask);
	interrupt->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void interrupt_end(struct interrupt *interrupt)
{
	if (interrupt->signals >= 0)
		close(interrupt->signals);
	interrupt->signals = -1;
	sigprocmask(SIG_SETMASK, &interrupt->mask, NULL);
}

DWORD interruptible(struct rsm *rsm, struct interrupt *interrupt,
		    DWORD (*work)(struct rsm *rsm, void *context), void *context, int *signal)
{
	struct signalfd_siginfo info = {.ssi_signo = SIGINT};
	struct canceller canceller;
	DWORD code;

	*signal = 0;
	code = canceller_start(rsm, &canceller, &interrupt->signals, 1);
	if (code)
		return code;
	code = work(rsm, context);
	if (canceller_stop(&canceller) < 0)
		return code;
	(void)!read(interrupt->signals, &info, sizeof(info));
	*signal = (int)info.ssi_signo;
	rsm->session = INVALID_HANDLE_VALUE;
	return note_text(rsm, ERROR_CANCELLED, "interrupted");
}

int interrupted(struct rsm *rsm, int signal, const char *format, ...)
{
	char text[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	warn(rsm, "interrupted; %s", text);
	return EXIT_SIGNAL + signal;
}

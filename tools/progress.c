/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "progress.h"
#include "text.h"

static size_t terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

void progress_show(struct rsm *rsm, const char *text)
{
	char *clean, *visible;

	if (rsm->quiet || !text || !text[0])
		return;
	if (!isatty(STDERR_FILENO) && !rsm->verbose)
		return;
	clean = text_clean(text, 1024);
	visible = text_visible(clean);
	fflush(stdout);
	if (isatty(STDERR_FILENO)) {
		fprintf(stderr, "\r%.*s\033[K", (int)text_fit(visible, terminal_columns() - 1),
			visible);
		rsm->progress_shown = true;
	} else {
		fprintf(stderr, "rsm: %s\n", visible);
	}
	free(visible);
	free(clean);
}

void progress_clear(struct rsm *rsm)
{
	if (rsm->progress_shown)
		fputs("\r\033[K", stderr);
	rsm->progress_shown = false;
}

static void on_progress(void *context, const RSM_PROGRESS *progress)
{
	progress_show(context, progress->lpText);
}

void progress_start(struct rsm *rsm)
{
	/* Nobody to show it to is no reason to fail. */
	(void)RsmSetProgress(rsm->session, on_progress, rsm);
}

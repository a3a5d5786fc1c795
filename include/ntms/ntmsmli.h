/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ntmsmli.h - the interface of media label libraries
 *
 * A media label library is a shared object that recognises one format of tape label. libntms
 * reads the beginning of a tape and asks the formats it knows itself (docs/labels.md lists them),
 * then each installed plug-in in turn, in the order of their file names; the first to claim the
 * label has it. A plug-in exports MaxMediaLabel and one of ClaimMediaLabel and ClaimMediaLabelEx
 * (the first is called if there are both) with the types below. It must be re-entrant, must not
 * touch the device, must not keep or change the buffer, and must take any bytes at all: they come
 * from a tape that anybody may have written.
 *
 * It is installed as NAME.so in the directory that `pkg-config --variable=labeldir libntms` prints,
 * and is loaded once by every process that reads a label. File and directory must belong to
 * root and be writable by nobody else; what is refused is named, with the reason, in the system
 * log.
 *
 * Source: NTMS reference, "Media Label Library".
 */
#ifndef NTMS_NTMSMLI_H
#define NTMS_NTMSMLI_H

#include <ntms/ntmswin.h>

/* Characters, the closing NUL included; the id in bytes. */
#define NTMSMLI_MAXTYPE	    64
#define NTMSMLI_MAXIDSIZE   256
#define NTMSMLI_MAXAPPDESCR 256

#pragma pack(push, 8)

/*
 * What a label says. It is zero when a plug-in is called. Strings end with a NUL. An id
 * longer than 255 bytes cannot be stored with a side. An answer that breaks a rule below is
 * refused, and said in the system log; the next plug-in is asked.
 */
typedef struct {
	WCHAR LabelType[NTMSMLI_MAXTYPE];	  /* the same on all media of the format; not empty,
						      no control characters, none of libntms' own types */
	DWORD LabelIDSize;			  /* bytes of LabelID that count, not 0 */
	BYTE LabelID[NTMSMLI_MAXIDSIZE];	  /* unique among the media of the format */
	WCHAR LabelAppDescr[NTMSMLI_MAXAPPDESCR]; /* for people */
} MediaLabelInfo, *pMediaLabelInfo;

#pragma pack(pop)

NTMS_BEGIN_DECLS

/*
 * MaxMediaLabel: how much of the tape the plug-in must see.
 *
 * pMaxSize: out: bytes from the beginning of the tape, 1 to 262144.
 * Returns NO_ERROR; anything else, or another size, and the plug-in is left out.
 */
typedef DWORD(WINAPI *MAXMEDIALABEL)(DWORD *const pMaxSize);

/*
 * ClaimMediaLabel: is this label one of ours?
 *
 * pBuffer: the first bytes of the tape, nBufferSize of them; they may be fewer than asked
 * for, as short as the first block is. pLabelInfo: the caller's, filled in on success.
 * Returns NO_ERROR if the label is claimed, ERROR_BAD_FORMAT if it is not of this format.
 */
typedef DWORD(WINAPI *CLAIMMEDIALABEL)(const BYTE *const pBuffer, const DWORD nBufferSize,
				       MediaLabelInfo *const pLabelInfo);

/*
 * ClaimMediaLabelEx: as ClaimMediaLabel, and LabelGuid is filled with a GUID for the label.
 */
typedef DWORD(WINAPI *CLAIMMEDIALABELEX)(const BYTE *const pBuffer, const DWORD nBufferSize,
					 MediaLabelInfo *const pLabelInfo, GUID *LabelGuid);

NTMS_END_DECLS

#endif

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Read a file of metrics as strictly as Prometheus does, and ask it something.

  check-metrics.py FILE [EXPRESSION]

EXPRESSION is Python over value(name, label=text, ...), the value of the one sample that has these
labels, and names, the families; it must be true."""
import re
import sys

NAME = r'[a-zA-Z_:][a-zA-Z0-9_:]*'
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"'
SAMPLE = re.compile(rf'({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)')
SUFFIXES = {'histogram': ('_bucket', '_sum', '_count')}


def fail(number, what):
    sys.exit(f'{sys.argv[1]}:{number}: {what}')


def read(text):
    if not text.endswith('\n'):
        fail(0, 'the last line has no end')
    types, helps, samples, ended = {}, {}, {}, set()
    family = None
    for number, line in enumerate(text.split('\n')[:-1], 1):
        found = re.fullmatch(rf'# (HELP|TYPE) ({NAME}) (.+)', line)
        if found:
            kind, name, rest = found.groups()
            known = helps if kind == 'HELP' else types
            if name in known:
                fail(number, f'a second {kind} of {name}')
            known[name] = rest
            if kind == 'TYPE' and rest not in ('counter', 'gauge', 'histogram'):
                fail(number, f'type {rest}')
            if name != family:
                ended.add(family)
                family = name
            continue
        found = SAMPLE.fullmatch(line)
        if not found:
            fail(number, f'no sample: {line}')
        name, labels, value = found[1], found[2] or '', found.groups()[-1]
        allowed = [family + s for s in SUFFIXES.get(types.get(family), ('',))]
        if name not in allowed or family not in helps or family in ended:
            fail(number, f'{name} does not belong to the family {family}')
        if types[family] == 'counter' and not name.endswith('_total'):
            fail(number, f'{name} is a counter without _total')
        pairs = re.findall(LABEL, labels)
        key = (name, tuple(sorted(pairs)))
        if key in samples or len(dict(pairs)) != len(pairs):
            fail(number, f'twice: {line}')
        samples[key] = float(value)
    return types, samples


def unescape(text):
    return re.sub(r'\\(.)', lambda m: {'n': '\n'}.get(m[1], m[1]), text)


def check_histograms(types, samples):
    for name in (n for n, t in types.items() if t == 'histogram'):
        groups = {}
        for (sample, labels), number in samples.items():
            if sample == name + '_bucket':
                rest = tuple(x for x in labels if x[0] != 'le')
                groups.setdefault(rest, []).append((float(dict(labels)['le']), number))
        for labels, buckets in groups.items():
            buckets.sort()
            values = [x[1] for x in buckets]
            if values != sorted(values) or buckets[-1][0] != float('inf'):
                fail(0, f'{name}: buckets {buckets}')
            if buckets[-1][1] != samples[name + '_count', labels]:
                fail(0, f'{name}: the last bucket is not the count')
            if (name + '_sum', labels) not in samples:
                fail(0, f'{name}: no sum')


def main():
    with open(sys.argv[1], encoding='utf-8', newline='') as file:
        types, samples = read(file.read())
    check_histograms(types, samples)

    def value(name, **labels):
        found = [number for (sample, pairs), number in samples.items() if sample == name and
                 labels.items() <= {k: unescape(v) for k, v in pairs}.items()]
        return found[0] if len(found) == 1 else found

    if len(sys.argv) > 2 and not eval(sys.argv[2], {'value': value, 'names': set(types)}):
        sys.exit(f'not true: {sys.argv[2]}')


main()

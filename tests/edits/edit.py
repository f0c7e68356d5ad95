#!/usr/bin/env python3
"""Edits one token of an example at random, many times, and holds what phxc makes of it against its promises.

Usage: edit.py ROUNDS SEED [EXAMPLE...]     with phxc in PATH, in the root of the repository

An edit takes a token away, doubles it, exchanges it with the next one, or puts another token of the examples in its place (mostly one of its kind, since
any other is nearly always an error of syntax) or before it, or changes a digit, a letter or a sign in it. Then there is
the same plan; or an error that names file, line and column; or a plan in which every step that is another than before has the edited place among
those that it comes from (`--provenance`). phxc never ends in another way, and never takes more than a second of computing.
"""

import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile

TOKEN = re.compile(
    r'"""(?:.|\n)*?"""|\'\'\'(?:.|\n)*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|//[^\n]*'
    r"|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9][0-9A-Za-z_./%]*|[A-Za-z_][A-Za-z0-9_]*|[=!<>]=|\?\?|\?\.|\.\.|\S"
)
CPU_SECONDS = 1.0
WALL_SECONDS = 60
# What of a step is its place in the plan or in the text, not itself.
APART = ("id", "wave", "after", "source", "provenance")


def bound():
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def plan(folder, site):
    """The exit code, the plan or None, the findings or None, and the seconds of computing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["phxc", "plan", site, "--facts", "none", "--format", "json", "--provenance", "--diagnostics", "json"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=WALL_SECONDS, preexec_fn=bound)
    except subprocess.TimeoutExpired:
        return "stopped", None, None, float(WALL_SECONDS)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def parsed(text):
        try:
            return json.loads(text)
        except ValueError:
            return None

    return done.returncode, parsed(done.stdout), parsed(done.stderr), seconds


def steps(made):
    """Steps by what they are, each with its address and verb."""
    table = {}
    for step in made["steps"]:
        kept = {k: v for k, v in step.items() if k not in APART}
        kept["changes"] = [{k: v for k, v in change.items() if k != "provenance"} for change in step["changes"]]
        table.setdefault(json.dumps(kept, sort_keys=True), []).append(step)
    return table


def comes_from(step, file, first, last):
    """Is the place, from (line, column) to (line, column), among those that the step comes from, or right beside one?"""
    for link in step.get("provenance", []):
        if link["file"] == file and (link["line"], link["column"]) <= last and first <= (link["end_line"], link["end_column"]):
            return True
    return False


def place(text, offset):
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def kind_of(token):
    """Numbers, texts, names, comments, and each sign for itself."""
    for kind, pattern in (("number", "[0-9]"), ("text", "[\"']"), ("name", "[A-Za-z_]"), ("comment", "//")):
        if re.match(pattern, token):
            return kind
    return "sign"


OTHERS = {"true": "false", "false": "true", "==": "!=", "!=": "==", "<": ">", ">": "<", "+": "-", "-": "+", "and": "or", "or": "and", "not": ""}


def nudged(random_, token):
    """The token with a small change, or None where there is none to make."""
    if token in OTHERS:
        return OTHERS[token]
    places = [i for i, c in enumerate(token) if c.isdigit() or (c.isalpha() and token[0] in "\"'")]
    if not places or kind_of(token) not in ("number", "text"):
        return None
    at = random_.choice(places)
    return token[:at] + random_.choice("0123456789" if token[at].isdigit() else "aemnx") + token[at + 1:]


def edit(random_, text, tokens, pool):
    """The kind of edit, the new text, and the edited range in the old and in the new one."""
    kind = random_.choice(["drop", "double", "swap", "replace", "insert"] + ["alike"] * 4 + ["nudge"] * 9)
    for _ in range(100):
        at = random_.randrange(len(tokens))
        start, end = tokens[at]
        old = text[start:end]
        small = nudged(random_, old)
        if kind != "nudge" or small not in (None, old):
            break
    else:
        kind = "drop"
    if kind == "swap" and at + 1 == len(tokens):
        kind = "drop"
    if kind == "drop":
        new = ""
    elif kind == "double":
        new = old + " " + old
    elif kind == "replace":
        new = random_.choice(pool[None])
    elif kind == "nudge":
        new = small
    elif kind == "alike":
        new = random_.choice(pool[kind_of(old)])
    elif kind == "insert":
        new = random_.choice(pool[None]) + " " + old
    else:
        following = tokens[at + 1]
        new = text[following[0]:following[1]] + text[end:following[0]] + old
        end = following[1]
    # What is a comment now ends its line.
    if new.startswith("//") and not text[start:end].startswith("//"):
        new += "\n"
    return f"{kind}: {text[start:end]!r} -> {new!r}", text[:start] + new + text[end:], (start, end), (start, start + len(new))


class Site:
    def __init__(self, folder, path):
        self.path = path
        code, made, _, _ = plan(folder, path)
        if code not in (0, 4) or made is None or not made["steps"]:
            raise SystemExit(f"FAIL {path}: no plan to begin with (exit {code})")
        self.steps = steps(made)
        self.files = [s["file"] for s in made["sources"] if s["file"].endswith(".phx")]
        for step in made["steps"]:
            if not step.get("provenance"):
                raise SystemExit(f"FAIL {path}: step {step['id']} comes from nowhere")


def judge(site, file, old_text, new_text, old_range, new_range, outcome):
    """What became of the edit; what begins with FAIL breaks a promise."""
    code, made, findings, seconds = outcome
    if code not in (0, 1, 4):
        return f"FAIL it ends with {code}"
    if seconds > CPU_SECONDS:
        return f"FAIL it computes for {seconds:.1f} s"
    if code == 1:
        errors = [f for f in findings or [] if f["severity"] == "error"]
        if not errors:
            return "FAIL an error that is not told"
        if not all(f.get("file") and f.get("line") and f.get("column") for f in errors):
            return f"FAIL an error without a place: {next(f['message'] for f in errors if not f.get('column'))}"
        return "error"
    if made is None:
        return "FAIL a plan that is no JSON"
    now = steps(made)
    gone = [s for k, v in site.steps.items() for s in v[len(now.get(k, [])):]]
    new = [s for k, v in now.items() for s in v[len(site.steps.get(k, [])):]]
    if not gone and not new:
        return "same"
    old_place = place(old_text, old_range[0]), place(old_text, old_range[1])
    new_place = place(new_text, new_range[0]), place(new_text, new_range[1])
    traced = {(s["address"], s["verb"]) for s in gone if comes_from(s, file, *old_place)}
    traced |= {(s["address"], s["verb"]) for s in new if comes_from(s, file, *new_place)}
    lost = sorted({(s["address"], s["verb"]) for s in gone + new} - traced)
    if lost:
        return f"FAIL {len(lost)} steps are others and do not come from there: {lost[0][1]} {lost[0][0]}"
    return "traced"


def main():
    rounds, seed = int(sys.argv[1]), int(sys.argv[2])
    random_ = random.Random(seed)
    with tempfile.TemporaryDirectory() as bed:
        shutil.copytree("examples", os.path.join(bed, "examples"))
        found = [os.path.join(folder, name) for folder, _, names in os.walk("examples") for name in names if name.endswith(".phx")]
        paths = sys.argv[3:] or sorted(p for p in found if re.search(r'^site "', open(p).read(), re.M))
        sites = [Site(bed, path) for path in paths]
        texts, tokens, readers = {}, {}, {}
        for site in sites:
            for file in site.files:
                texts[file] = open(os.path.join(bed, file)).read()
                tokens[file] = [m.span() for m in TOKEN.finditer(texts[file])]
                readers.setdefault(file, []).append(site)
        pool = {None: sorted({texts[f][a:b] for f in texts for a, b in tokens[f]})}
        for token in pool[None]:
            pool.setdefault(kind_of(token), []).append(token)
        # Every token of every file is as likely as any other.
        files = sorted(texts)
        weights = [len(tokens[f]) for f in files]
        counts, slowest = {"same": 0, "error": 0, "traced": 0, "FAIL": 0}, 0.0
        for number in range(rounds):
            file = random_.choices(files, weights)[0]
            site = random_.choice(readers[file])
            what, text, old_range, new_range = edit(random_, texts[file], tokens[file], pool)
            with open(os.path.join(bed, file), "w") as out:
                out.write(text)
            outcome = plan(bed, site.path)
            verdict = judge(site, file, texts[file], text, old_range, new_range, outcome)
            slowest = max(slowest, outcome[3])
            counts[verdict.split()[0]] += 1
            if verdict.startswith("FAIL"):
                line, column = place(texts[file], old_range[0])
                print(f"{verdict}\n    round {number} of seed {seed}: {site.path}, {file}:{line}:{column} {what}")
            with open(os.path.join(bed, file), "w") as out:
                out.write(texts[file])
        print(f"{rounds} edits of {len(files)} files, {sum(weights)} tokens: {counts['same']} the same plan, {counts['error']} an error with its place, "
              f"{counts['traced']} another plan that comes from there; the slowest took {slowest:.2f} s")
        # A generator that breaks all or nothing would test nothing.
        if rounds >= 50 and min(counts["same"], counts["error"], counts["traced"]) * 50 < rounds:
            print("FAIL the edits are of one kind")
            counts["FAIL"] += 1
        print(f"{rounds - counts['FAIL']} passed, {counts['FAIL']} failed")
        sys.exit(counts["FAIL"] > 0)


main()

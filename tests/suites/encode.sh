#!/bin/bash
# What the encoders write is read back by the programs that it is for: YAML by readers of 1.1 and 1.2 and by docker-compose, environments
# by docker-compose and systemd, units and words by systemd. The texts stand in tests/encode/texts.json.
. "$(dirname "$0")/../suite.sh"
texts=$PWD/tests/encode/texts.json
export LC_ALL=C.UTF-8

# reader COMMAND...: can this machine try it?
reader() {
    if "$@" >"$bed/out" 2>&1 </dev/null; then
        return 0
    fi
    echo "no reader here: $*"
    skipped=$((skipped + 1))
    return 1
}

# The files that the site's plan would write.
phxc plan tests/encode/site.phx --facts none --format json >"$bed/plan.json"
verdict $? 'tests/encode/site.phx has no plan'
mkdir "$bed/files"
while IFS= read -r -d '' name && IFS= read -r -d '' content; do
    printf %s "$content" >"$bed/files/$name"
done < <(jq -j '.steps[].commands[] | select(.kind == "write") | (.path | split("/") | last) + "\u0000" + .content + "\u0000"' "$bed/plan.json")
cd "$bed/files" || exit
count=$(find . -type f | wc -l)
[ "$count" -gt 200 ]
verdict $? "the plan writes $count files only"

jq -e . document.json >"$bed/out" && jq -e . pretty.json >"$bed/pretty" && cmp -s "$bed/out" <(jq -S . "$bed/pretty")
verdict $? 'json_text: indented it is another value'
[ "$(wc -l <pretty.json)" -gt 1000 ]
verdict $? 'json_text: it is not indented'

# yaml MODULE READ: a reader of YAML sees what a reader of JSON does.
yaml() {
    reader /usr/bin/python3 -c "import $1" || return
    /usr/bin/python3 - "$1" "$2" >"$bed/out" 2>&1 <<'PYTHON'
import importlib, json, sys

module = importlib.import_module(sys.argv[1])
read = eval(sys.argv[2], {"m": module})
texts = json.load(open("document.json"))["texts"]


def differences(want, have, where):
    if isinstance(want, dict) and isinstance(have, dict) and sorted(want) == sorted(have):
        for key in want:
            differences(want[key], have[key], where + [key])
    elif isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
        for i, item in enumerate(want):
            differences(item, have[i], where + [i])
    elif not (type(want) is type(have) and want == have):
        print(f"{where}: {want!r} is read as {have!r}")


differences(json.load(open("document.json")), read(open("document.yaml", newline="").read()), [])
for i, text in enumerate(texts):
    differences(text, read(open(f"alone-{i}.yaml", newline="").read()), ["alone", i])
print(len(texts), "texts")
PYTHON
    [ "$(tail -n 1 "$bed/out")" = "$(jq '.texts | length' document.json) texts" ] && [ "$(wc -l <"$bed/out")" -eq 1 ]
    verdict $? "yaml_text, read by $1: $(tail -n 5 "$bed/out")"
}
yaml yaml 'm.safe_load'
yaml ruamel.yaml 'm.YAML(typ="safe", pure=True).load'

if reader docker-compose version --short; then
    docker-compose config -q >"$bed/out" 2>&1 && docker-compose config >"$bed/config" 2>"$bed/out"
    verdict $? "docker-compose refuses what yaml_text and env_text write: $(cat "$bed/out")"
    /usr/bin/python3 - "$bed/config" >"$bed/out" 2>&1 <<'PYTHON'
import json, sys, yaml

have = yaml.safe_load(open(sys.argv[1]))["services"]["db"]
want = dict(json.load(open("env.json")), A="no", B="1.5", C="0644")
# It prints a dollar sign twice, since it would take one for a variable when it reads its own output.
for name, text in want.items():
    value = have["environment"].get(name)
    if value is None or value.replace("$$", "$") != text:
        print(f"{name}: {text!r} is read as {value!r}")
if [(port["published"], port["target"]) for port in have["ports"]] != [(22, 22), (8080, 80)] or have["command"] != ["sh", "-c", "set -e\necho yes\n"]:
    print(have)
PYTHON
    [ ! -s "$bed/out" ]
    verdict $? "env_text, read by docker-compose: $(tail -n 5 "$bed/out")"
fi

# systemd reads os-release and EnvironmentFile by the same rules, and tmpfiles.d can print a value of the one.
if reader systemd-tmpfiles --version; then
    echo 'f /value - - - - %B' >"$bed/value.conf"
    number=0
    while IFS= read -r -d '' want; do
        root=$bed/root-$number
        mkdir -p "$root/etc"
        mv "release-$number" "$root/etc/os-release"
        systemd-tmpfiles --create --root="$root" "$bed/value.conf" >"$bed/out" 2>&1
        IFS= read -r -d '' have <"$root/value"
        [ "$have" = "$want" ]
        verdict $? "env_text, read by systemd: ${want@Q} is read as ${have@Q} $(cat "$bed/out")"
        number=$((number + 1))
    done < <(jq -j '.env[] + "\u0000"' "$texts")
    mkdir -p "$bed/root/words"
    systemd-tmpfiles --create --root="$bed/root" "$PWD/words.conf" >"$bed/out" 2>&1
    jq -r 'sort | .[]' words.json >"$bed/want"
    ls -1 "$bed/root/words" | sort | cmp -s - <(sort "$bed/want")
    verdict $? "systemd_words, read by systemd: $(ls -1 "$bed/root/words" | sort | diff - <(sort "$bed/want") | head -n 5) $(cat "$bed/out")"
fi

if reader systemd-analyze --version; then
    systemd-analyze verify --man=no "$PWD/phx-encode.service" >"$bed/out" 2>&1 && ! grep -F phx-encode "$bed/out"
    verdict $? "systemd_text, read by systemd-analyze: $(tail -n 5 "$bed/out")"
fi

suite_end

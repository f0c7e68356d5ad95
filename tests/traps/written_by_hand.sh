# Guests' files that people and older versions wrote: a title line, blank lines, keys without a blank or with several, values with
# blanks behind them, nothing at all as a value, the same key twice, other words for 1, keys that nobody knows, carriage returns, no
# newline at the end.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id     = 100
  state  = "stopped"
  memory = 1GiB
  cores  = if second then 4 else 2
  onboot = true
}
pve.vm box {
  use base.machine
  id     = 200
  state  = "stopped"
  memory = 1GiB
  cores  = if second then 4 else 2
}
END
apply
for file in lxc/100 qemu-server/200; do
    file=host/etc/pve/nodes/pve/$file.conf
    sed -e 's/^memory: 1024$/memory: 512\n\nmemory:1024/; s/^cores: 2$/cores:   2 \t/; s/^onboot: 1$/onboot: yes/' "$file" >hand
    printf '# a title\n%s\nboot: \ntags:\nof_a_newer_version: a=b,%%20c' "$(cat hand)" | sed 's/$/\r/' >"$file"
done
settled
apply --set second=true
for id in 100 200; do
    expect conf $id '^memory: 1024'
    expect conf $id '^cores: 4$'
done
# pct keeps what it does not know; qm itself drops it when it writes the file.
expect conf 100 '^of_a_newer_version: a=b,%20c'
settled --set second=true

mutation compiler/decode.c 'plan after apply' <<'END'
    if (key.length)
        record_put(&section->keys, name_intern(names, key), text, origin);
=>
    if (key.length)
        record_add(&section->keys, name_intern(names, key), text, origin, NULL);
END
mutation compiler/decode.c 'plan' <<'END'
        value = slice_trim(slice(rest, 1, rest.length));
=>
        value = slice(rest, 2, rest.length);
END

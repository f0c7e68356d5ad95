# Property strings know no quotes: a comma in a name would begin another option, here one that makes the mount read-only.
site <<'END'
site "traps" edition 1
import "base.phx" as base
pve.lxc ct { use base.container  id = 100  mp0 = { storage = base.disks, volume = "100/a.raw,ro=1", mp = "/data" } }
END
refused E0441

mutation compiler/codec.c 'it is not refused' <<'END'
    const char *problem = slice_find_char(text, ',', 0) < text.length    ? "a comma"
                          : slice_find_char
=>
    const char *problem = slice_find_char
END

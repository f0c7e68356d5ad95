# Somebody changes a guest in the web interface between the look at the host and the command: without `--digest` one of the two
# changes would be lost. What says that the digest is another one is not the same text for containers and for virtual machines.
site <<'END'
site "traps" edition 1
import "base.phx" as base
param second: bool = false
pve.lxc ct {
  use base.container
  id     = 100
  state  = "stopped"
  cores  = if second then 2 else 1
  memory = 1GiB
  after  = all(fs.line)
}
pve.vm box {
  use base.machine
  id     = 200
  state  = "stopped"
  cores  = if second then 2 else 1
  memory = 1GiB
  after  = all(fs.line)
}
// stands in for the person with the browser: it comes after the look and before the steps of the guests
for file in if second then ["lxc/100", "qemu-server/200"] else [] {
  fs.line hand[file] { path = "/etc/pve/{file}.conf"  line = "#by hand" }
}
END
apply
fails --set second=true
for id in 100 200; do
    expect conf $id '^#by hand'
    expect conf $id '^cores: 1'
done
apply --set second=true
expect conf 100 '^cores: 2'
settled --set second=true

mutation stdlib/pve/lxc.phx 'the host: conf 100 ^cores: 1' <<'END'
      run(["pct", "set", identity] + args + ["--digest", digest])
=>
      run(["pct", "set", identity] + args)
END
mutation stdlib/pve/vm.phx 'the host: conf 200 ^cores: 1' <<'END'
      run(["qm", "set", identity] + args + ["--digest", digest])
=>
      run(["qm", "set", identity] + args)
END

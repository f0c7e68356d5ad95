# Part of tests/sandbox/run: rsync on the node, from what stands in a container, to a machine that ssh lets in.

guests
run qm set 300 --ipconfig0 ip=10.0.0.30/24 --ciuser admin --ide2 st:cloudinit
root=$PHX_SANDBOX/guests/200 there=$PHX_SANDBOX/guests/300
mkdir -p "$root/srv/data/sub"
echo one > "$root/srv/data/one"
echo two > "$root/srv/data/sub/two"
expect 'a source that is none' 'rsync: [sender] link_stat "/pool-of-nobody/" failed: No such file or directory (2)
rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338) [sender=3.2.7]
[23]' rsync -a /pool-of-nobody/ /srv/x
expect 'a folder without -a' 'skipping directory .' rsync /root/ /srv/x
same 'an unknown flag' 1 "$(code rsync --nosuch /root/ /srv/x)"
from=/tank/subvol-200-disk-0/srv/data/
expect 'a parent that is none' 'rsync: [Receiver] mkdir "/srv/deep/copy" failed: No such file or directory (2)
rsync error: error in file IO (code 11) at main.c(1338) [sender=3.2.7]
[11]' rsync -a $from /srv/deep/copy
expect 'what stands in a container is seen on the node' '' rsync -a $from /srv/copy
same 'copied' 'one two' "$(echo $(cat "$PHX_SANDBOX/srv/copy/one" "$PHX_SANDBOX/srv/copy/sub/two"))"
rm "$root/srv/data/sub/two"
echo other > "$root/srv/data/one"
expect 'again' '' rsync -a $from /srv/copy
same 'what is gone stays without --delete' 'other two' "$(echo $(cat "$PHX_SANDBOX/srv/copy/one" "$PHX_SANDBOX/srv/copy/sub/two"))"
expect 'and with it' '' rsync -a --delete $from /srv/copy
same 'goes' 'one sub' "$(echo $(ls -A "$PHX_SANDBOX/srv/copy" "$PHX_SANDBOX/srv/copy/sub" | grep -v :))"

# -- another machine --
lost='rsync: connection unexpectedly closed (0 bytes received so far) [sender]'
refused="ssh: connect to host 10.0.0.31 port 22: Connection refused
$lost
rsync error: unexplained error (code 255) at main.c(1338) [sender=3.2.7]
[255]"
expect 'nobody there' "$refused" rsync -a $from admin@10.0.0.31:/srv/copy
expect 'no such name' "ssh: Could not resolve hostname nosuch: Name or service not known
$lost
rsync error: unexplained error (code 255) at main.c(1338) [sender=3.2.7]
[255]" rsync -a $from admin@nosuch:/srv/copy
denied="Permission denied (publickey).
$lost
rsync error: unexplained error (code 255) at main.c(1338) [sender=3.2.7]
[255]"
expect 'no key' "admin@10.0.0.30: $denied" rsync -a $from admin@10.0.0.30:/srv/copy
mkdir -p "$PHX_SANDBOX/root/.ssh"
echo 'ssh-ed25519 AAAAC3Nza+key/of=the node root@pve' > "$PHX_SANDBOX/root/.ssh/id_ed25519.pub"
expect 'a key that nobody knows' "admin@10.0.0.30: $denied" rsync -a $from admin@10.0.0.30:/srv/copy
run qm set 300 --sshkeys /root/.ssh/id_ed25519.pub
expect 'the key is that of another user' "root@10.0.0.30: $denied" rsync -a $from root@10.0.0.30:/srv/copy
expect 'no rsync there' "bash: line 1: rsync: command not found
$lost
rsync error: remote command not found (code 127) at main.c(1338) [sender=3.2.7]
[127]" rsync -a $from admin@10.0.0.30:/srv/copy
run qm guest exec 300 -- apt-get update
run qm guest exec 300 -- apt-get install -y rsync
expect 'a user may not write everywhere' 'rsync: [Receiver] mkdir "/srv/copy" failed: Permission denied (13)
rsync error: error in file IO (code 11) at main.c(1338) [sender=3.2.7]
[11]' rsync -a $from admin@10.0.0.30:/srv/copy
expect 'but at home' '' rsync -a --mkpath $from admin@10.0.0.30:copy
same 'it is there' other "$(cat "$there/home/admin/copy/one")"
run pct exec 200 -- chown www-data /srv/data/one
expect 'with sudo everywhere' '' rsync -a --delete --mkpath --chown=root:root '--rsync-path=sudo rsync' $from admin@10.0.0.30:/srv/deep/copy/
same 'it is there too' other "$(cat "$there/srv/deep/copy/one")"
same 'as it was told whose it is' root "$("$bin/qm" guest exec 300 -- stat -c %U /srv/deep/copy/one | sed -n 's/.*"out-data" : "\([a-z-]*\).*/\1/p')"
run qm stop 300
expect 'one that does not run' "$(echo "$refused" | sed 's/10.0.0.31/10.0.0.30/')" rsync -a $from admin@10.0.0.30:copy

# Part of tests/sandbox/run: how programs run inside guests, and the tools by which files get into them.

guests
expect 'exec without a program' "lxc-attach: 200: ../src/lxc/attach.c: lxc_attach_run_command: 1841 No such file or directory - Failed to exec \"nosuch\"
[127]" pct exec 200 -- nosuch
feed 'exec passes the input on' 'hello' hello pct exec 200 --keep-env 0 -- cat
expect 'a program of the node is none of a guest' "lxc-attach: 200: ../src/lxc/attach.c: lxc_attach_run_command: 1841 No such file or directory - Failed to exec \"pct\"
[127]" pct exec 200 -- pct list
feed 'a file gets in' '' 'secret=1' pct exec 200 -- install -D -m 0640 -o www-data -g www-data -- /dev/stdin /etc/app/env.phxc-new
expect 'and into its place' '' pct exec 200 -- mv -fT -- /etc/app/env.phxc-new /etc/app/env
expect 'with its rights' '640 www-data:www-data 8' pct exec 200 -- stat -c '%a %U:%G %s' /etc/app/env
expect 'and what it holds' 'secret=1' pct exec 200 -- cat -- /etc/app/env
expect 'without -D the folder must be there' "install: cannot create regular file '/etc/none/env': No such file or directory
[1]" pct exec 200 -- install -m 600 -- /dev/null /etc/none/env
expect 'install of a user that is none' "install: invalid user 'nosuch'
[1]" pct exec 200 -- install -o nosuch -- /dev/null /etc/x
expect 'install of a mode that is none' "install: invalid mode '9'
[1]" pct exec 200 -- install -m 9 -- /dev/null /etc/x
expect 'install without a target' "install: missing destination file operand after '/dev/null'
Try 'install --help' for more information.
[1]" pct exec 200 -- install -- /dev/null
expect 'install of an unknown flag' "install: invalid option -- 'x'
Try 'install --help' for more information.
[1]" pct exec 200 -- install -x /dev/null /etc/x
expect 'directories' '' pct exec 200 -- install -d -m 0750 -g www-data /srv/a/b
expect 'their rights' '750 root:www-data' pct exec 200 -- stat -c '%a %U:%G' /srv/a/b
expect 'mv over a directory' "mv: cannot overwrite directory '/srv/a/b' with non-directory
[1]" pct exec 200 -- mv -fT -- /etc/app/env /srv/a/b
expect 'mv of nothing' "mv: cannot stat '/none': No such file or directory
[1]" pct exec 200 -- mv -fT -- /none /srv/x
expect 'mv into a directory' '' pct exec 200 -- mv /etc/app/env /srv/a/b
expect 'moved with its owner' 'www-data' pct exec 200 -- stat -c %U /srv/a/b/env
expect 'cp of a directory' "cp: -r not specified; omitting directory '/srv/a'
[1]" pct exec 200 -- cp /srv/a /srv/c
expect 'cp -a' '' pct exec 200 -- cp -a /srv/a/. /srv/c
expect 'keeps owners' 'www-data 640' pct exec 200 -- stat -c '%U %a' /srv/c/b/env
expect 'cp without -a does not' '' pct exec 200 -- cp /srv/a/b/env /srv/plain
expect 'it is root that made it' 'root' pct exec 200 -- stat -c %U /srv/plain
expect 'a tree into itself' "cp: cannot copy a directory, '/srv/a', into itself, '/srv/a/a'
[1]" pct exec 200 -- cp -r /srv/a /srv/a
expect 'a link' '' pct exec 200 -- ln -s /srv/a/b /srv/link
expect 'where it points' '/srv/a/b' pct exec 200 -- readlink /srv/link
expect 'a link in the way' "ln: failed to create symbolic link '/srv/link': File exists
[1]" pct exec 200 -- ln -sT /srv/c /srv/link
expect 'the link is replaced, not followed' '' pct exec 200 -- ln -sfn /srv/c /srv/link
expect 'all the way' '/srv/c/b/env' pct exec 200 -- readlink -f /srv/link/b/env
feed 'tee' 'one' one pct exec 200 -- tee /srv/tee
feed 'tee -a' 'two' two pct exec 200 -- tee -a /srv/tee
expect 'both' 'onetwo' pct exec 200 -- cat /srv/tee
expect 'touch' '' pct exec 200 -- touch /srv/touched
same 'mktemp makes what it names' 600 "$("$bin/pct" exec 200 -- stat -c %a "$("$bin/pct" exec 200 -- mktemp -p /srv x.XXXXXX)")"
expect 'mktemp with too little room' "mktemp: too few X's in template 'x.X'
[1]" pct exec 200 -- mktemp x.X
expect 'useradd' '' pct exec 200 -- useradd -r -m -d /var/lib/app -s /usr/sbin/nologin app
expect 'the account' 'app:x:101:101::/var/lib/app:/usr/sbin/nologin' pct exec 200 -- getent passwd app
expect 'it has a group' 'uid=101(app) gid=101(app) groups=101(app)' pct exec 200 -- id app
expect 'and a home of its own' 'app:app' pct exec 200 -- stat -c %U:%G /var/lib/app
expect 'useradd twice' "useradd: user 'app' already exists
[9]" pct exec 200 -- useradd app
expect 'groupadd' '' pct exec 200 -- groupadd -g 2000 team
expect 'groupadd twice' "groupadd: group 'team' already exists
[9]" pct exec 200 -- groupadd team
expect 'a member of it' '' pct exec 200 -- usermod -aG team,www-data app
expect 'of these' 'app www-data team' pct exec 200 -- id -Gn app
expect 'of this one only' '' pct exec 200 -- usermod -G team -s /bin/bash app
expect 'only' 'app team' pct exec 200 -- id -Gn app
expect 'a group that is none' "usermod: group 'nosuch' does not exist
[6]" pct exec 200 -- usermod -G nosuch app
expect 'the group of a user' "groupdel: cannot remove the primary group of user 'app'
[8]" pct exec 200 -- groupdel app
expect 'another number' '' pct exec 200 -- groupmod -g 2001 team
expect 'it has it' 'team:x:2001:app' pct exec 200 -- getent group team
expect 'userdel' '' pct exec 200 -- userdel -r app
expect 'gone, with group and membership' 'team:x:2001:
[2]' pct exec 200 -- getent group team app
expect 'and with its home' '[1]' pct exec 200 -- test -e /var/lib/app
expect 'a folder that is not empty' '' pct exec 200 -- rmdir --ignore-fail-on-non-empty -- /srv
expect 'no such account' '[2]' pct exec 200 -- getent passwd nosuch
expect 'no such user' "id: 'nosuch': no such user
[1]" pct exec 200 -- id nosuch

# -- what stands in a guest goes with it --
run pct stop 200
run pct snapshot 200 one
run pct start 200
feed 'a change after the snapshot' '' new pct exec 200 -- install -m 644 /dev/stdin /srv/plain
run pct clone 200 201 --snapname one --full 1 --storage pool
run pct start 201
expect 'a clone of the snapshot has what that had' 'secret=1' pct exec 201 -- cat /srv/plain
expect 'owners too' 'www-data' pct exec 201 -- stat -c %U /srv/a/b/env
run pct rollback 200 one --start 1
expect 'back' 'secret=1' pct exec 200 -- cat /srv/plain
run pct stop 201
run pct destroy 201
same 'destroyed' no "$(test -e "$PHX_SANDBOX/guests/201" && echo yes || echo no)"

# -- the agent --
expect 'ping' '' qm agent 300 ping
expect 'what a program prints' '{
   "err-data" : "cat: /none: No such file or directory\n",
   "exitcode" : 1,
   "exited" : 1,
   "out-data" : "vm300\n"
}' qm guest exec 300 --timeout 30 -- cat /etc/hostname /none
feed 'with its input' '{
   "exitcode" : 0,
   "exited" : 1,
   "out-data" : "a\tb"
}' "a${tab}b" qm guest exec 300 --pass-stdin 1 -- cat
feed 'or without' '{
   "exitcode" : 0,
   "exited" : 1
}' text qm guest exec 300 -- cat
expect 'no such program' "Agent error: Guest agent command failed, error was 'Failed to execute child process “nosuch” (No such file or directory)'
[255]" qm guest exec 300 -- nosuch
expect 'not waited for' '{
   "pid" : 1000
}' qm guest exec 300 --synchronous 0 -- false
expect 'asked later' '{
   "exitcode" : 1,
   "exited" : 1
}' qm guest exec-status 300 1000
expect 'it is told once' "Agent error: Guest agent command failed, error was 'Invalid parameter 'pid''
[255]" qm guest exec-status 300 1000
expect 'cloud-init' '{
   "exitcode" : 0,
   "exited" : 1,
   "out-data" : "status: done\n"
}' qm guest exec 300 -- cloud-init status --wait
run qm stop 300
expect 'the agent of what does not run' 'VM 300 is not running
[255]' qm guest exec 300 -- true

# The far end of a place reached over ssh: does there what runtime/channel.c asks for, many things at a time, and answers each.
#
# It is sent to the host with every connection and leaves nothing there. Perl, because a Proxmox host has it before all else (its own
# programs are written in it) and Debian calls it essential; no module outside of Debian's perl-base is used. ASCII only.
#
# What comes is length (4 bytes, of what follows), number (4 bytes), kind (1 byte), payload; what goes back is the same, with the
# number of what it answers. Lists of texts are (N/a*)*.
#
#   R run a program    F read a file    G read files by a pattern    W write a file    K end the job of this number: cancelled, C too late
#   L take the lock    N who holds it   J append to the journal
#   answers: x the end of a job, a of the others; h at the start: who and where we are
#
# A job is a child with two pipes. When the connection ends, what runs is let finish with the lock still held, and nothing new is begun.
use strict;
use warnings;
no warnings 'exec';
use Errno;
use Fcntl qw(:DEFAULT :flock :mode);
use IO::Handle;
use POSIX ();

# As in runtime/process.h, in ticks of a clock that only goes forward. NAP: how late the end of a program may be noticed that has closed
# its outputs before or left them to others; every other end is noticed at once.
my $SECOND = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my ($GRACE, $LINGER, $NAP) = (5 * $SECOND, $SECOND / 2, 0.1);
my $ERROR_LIMIT = 1 << 20;
my $GLOB_LIMIT = 1000000;
my $JOURNAL_LIMIT = 1 << 30;
my $JOURNAL_TURN = 4 << 20;        # as in journal.h
my ($ENDED, $TIMEOUT, $TOO_LONG, $CANCELLED, $NOT_STARTED) = (0 .. 4);

my ($incoming, $outgoing, $closing) = ('', '', 0);
my %jobs;
my ($state, $lock, $journal);

sub now { (POSIX::times())[0] }

sub answer {
    my ($number, $kind, $payload) = @_;
    $outgoing .= pack('N N a', 5 + length $payload, $number, $kind) . $payload unless $closing;
}

# ---- jobs ----

sub end_job {
    my ($job, $why) = @_;
    return if $job->{ended_by} || !$job->{running};
    $job->{ended_by} = $why;
    kill 'TERM', -$job->{pid};
    $job->{kill_at} = now() + $GRACE;
}

# Keeps what a job prints within its limit: all of it or not at all, or the first and the last half.
sub capture {
    my ($job, $kept, $bytes) = @_;
    my $limit = $kept->{limit};
    if ($kept->{all}) {
        if (length($kept->{head}) + length $bytes > $limit) {
            end_job($job, $TOO_LONG);
            $kept->{head} = '';
            return 0;
        }
        $kept->{head} .= $bytes;
        return 1;
    }
    my $room = $limit / 2 - length $kept->{head};
    $kept->{head} .= substr $bytes, 0, $room, '' if $room > 0;
    $kept->{tail} .= $bytes;
    if (length $kept->{tail} > $limit) {
        my $more = length($kept->{tail}) - $limit / 2;
        substr $kept->{tail}, 0, $more, '';
        $kept->{left_out} += $more;
    }
    return 1;
}

sub captured {
    my ($kept) = @_;
    my $more = length($kept->{tail}) - $kept->{limit} / 2;
    if ($more > 0) {
        substr $kept->{tail}, 0, $more, '';
        $kept->{left_out} += $more;
    }
    return $kept->{head} . ($kept->{left_out} ? "\n... $kept->{left_out} bytes left out ...\n" : '') . $kept->{tail};
}

sub finish_job {
    my ($job) = @_;
    delete $jobs{$job->{number}};
    answer($job->{number}, 'x', pack('C N N/a* N/a*', $job->{ended_by}, $job->{status}, captured($job->{out}), captured($job->{err})));
}

# Starts a child that does [what], with what it prints as the answer; [file]: it is to become this program.
sub start_job {
    my ($number, $timeout, $limit, $all, $input, $what, $file) = @_;
    my ($in_read, $in, $out, $out_write, $err, $err_write, $trouble, $trouble_write);
    my $fail = sub { answer($number, 'x', pack('C N N/a* N/a*', $NOT_STARTED, $!, '', '')) };
    pipe $out, $out_write and pipe $err, $err_write and pipe $trouble, $trouble_write or return $fail->();
    if (length $input) { pipe $in_read, $in or return $fail->() }
    else { sysopen $in_read, '/dev/null', O_RDONLY or return $fail->() }
    my $pid = fork;
    return $fail->() unless defined $pid;
    if (!$pid) {
        POSIX::setpgid(0, 0);
        POSIX::dup2(fileno $in_read, 0);
        POSIX::dup2(fileno $out_write, 1);
        POSIX::dup2(fileno $err_write, 2);
        $SIG{$_} = 'DEFAULT' for qw(PIPE HUP TERM INT CHLD);
        # An input that is held open here as well would never end for whom it is meant.
        close $_ for grep { defined } map { $_->{in} } values %jobs;
        # A job that is no program keeps the lock open as long as it writes; a program closes it when it begins.
        eval { $what->(); 1 } or do { print STDERR $@; STDERR->flush; POSIX::_exit(1) };
        POSIX::_exit(0) unless $file;
        syswrite $trouble_write, pack('N', $!);
        POSIX::_exit(127);
    }
    POSIX::setpgid($pid, $pid);
    close $_ for $in_read, $out_write, $err_write, $trouble_write;
    # Closed when the program begins; else it says why it could not.
    my ($error, $got) = '';
    if ($file) { do { $got = sysread $trouble, $error, 4 } while !defined $got && $!{EINTR} }
    if ($got) {
        waitpid $pid, 0;
        $! = unpack 'N', $error;
        return $fail->();
    }
    $_->blocking(0) for grep { defined } $in, $out, $err;
    $jobs{$number} = {
        number => $number, pid => $pid, running => 1, status => 0, ended_by => $ENDED,
        timeout_at => $timeout ? now() + $timeout * $SECOND / 1000 : 0,
        in => $in, input => $input,
        out => {handle => $out, head => '', tail => '', left_out => 0, limit => $limit, all => $all},
        err => {handle => $err, head => '', tail => '', left_out => 0, limit => $ERROR_LIMIT, all => 0},
    };
}

# Looks whether a job has ended, is to be ended, or has been listened to for long enough. What it left running may hold its outputs for ever.
sub tend_job {
    my ($job) = @_;
    if ($job->{running}) {
        if (waitpid($job->{pid}, POSIX::WNOHANG()) > 0) {
            $job->{status} = $?;
            $job->{running} = 0;
            $job->{linger_until} = now() + $LINGER;
            kill 'KILL', -$job->{pid} if $job->{ended_by};
        } elsif ($job->{kill_at} && now() >= $job->{kill_at}) {
            kill 'KILL', -$job->{pid};
        } elsif ($job->{timeout_at} && now() >= $job->{timeout_at}) {
            end_job($job, $TIMEOUT);
        }
    }
    finish_job($job) if !$job->{running} && (!($job->{out}{handle} || $job->{err}{handle}) || now() >= $job->{linger_until});
}

sub read_output {
    my ($job, $kept) = @_;
    for (1 .. 16) {
        my $got = sysread $kept->{handle}, my $bytes, 65536;
        return if !defined $got && ($!{EAGAIN} || $!{EINTR});
        if (!$got || !capture($job, $kept, $bytes)) {
            close $kept->{handle};
            undef $kept->{handle};
            return;
        }
    }
}

sub write_input {
    my ($job) = @_;
    my $sent = syswrite $job->{in}, $job->{input};
    return if !defined $sent && ($!{EAGAIN} || $!{EINTR});
    substr $job->{input}, 0, $sent, '' if $sent;
    # Whoever does not want the rest says with its exit code whether that is wrong.
    if (!$sent || !length $job->{input}) {
        close $job->{in};
        undef $job->{in};
    }
}

# ---- programs ----

sub find_program {
    my ($name) = @_;
    my $error = POSIX::ENOENT();
    return -x $name ? $name : undef if $name =~ m{/};
    for my $folder (grep { m{^/} } split /:/, $ENV{PATH}) {
        next unless -f "$folder/$name";
        return "$folder/$name" if -x _;
        $error = POSIX::EACCES();
    }
    $! = $error;
    return undef;
}

sub run {
    my ($number, $payload) = @_;
    my ($timeout, $limit, $all, $input, @argv) = unpack 'N N C N/a* (N/a*)*', $payload;
    my $file = find_program($argv[0]);
    return answer($number, 'x', pack('C N N/a* N/a*', $NOT_STARTED, $!, '', '')) unless defined $file;
    start_job($number, $timeout, $limit, $all, $input, sub { exec {$file} @argv }, 1);
}

# ---- reading ----

sub give {
    my ($bytes) = @_;
    while (length $bytes) {
        my $sent = syswrite STDOUT, $bytes;
        die "$!\n" unless defined $sent || $!{EINTR};
        substr $bytes, 0, $sent // 0, '';
    }
}

# The text of a regular file, or nothing where there is none.
sub slurp {
    my ($path, $limit) = @_;
    my $text = '';
    # Not to block: what is there could be a pipe that nobody writes to.
    sysopen my $file, $path, O_RDONLY | O_NONBLOCK | O_NOCTTY or do { return undef if $!{ENOENT} || $!{ENOTDIR}; die "$!\n" };
    my @status = stat $file or die "$!\n";
    die S_ISDIR($status[2]) ? "it is a folder\n" : "it is no regular file\n" unless S_ISREG($status[2]);
    while (1) {
        my $got = sysread $file, $text, 1 << 18, length $text;
        next if !defined $got && $!{EINTR};
        die "$!\n" unless defined $got;
        last unless $got;
        die sprintf("it is longer than %d MiB\n", $limit >> 20) if length $text > $limit;
    }
    return $text;
}

# One part of a pattern of fnmatch(3) as a regular expression.
sub part_pattern {
    my ($part) = @_;
    my $pattern = '';
    while (length $part) {
        if ($part =~ s/^\*+//) { $pattern .= '.*' }
        elsif ($part =~ s/^\?//) { $pattern .= '.' }
        elsif ($part =~ s/^\[([!^]?)(\]?[^\]]*)\]//) {
            my ($not, $set) = ($1 && '^', $2);
            $set =~ s/([\\\[\]^])/\\$1/g;
            $pattern .= "[$not$set]";
        }
        else { $part =~ s/^(.)//s; $pattern .= quotemeta $1 }
    }
    return qr/\A$pattern\z/s;
}

sub find_files {
    my ($pattern) = @_;
    my @found = ('');
    for my $part (grep { length } split m{/}, $pattern) {
        if ($part !~ /[*?\[]/) {
            $_ .= "/$part" for @found;
            next;
        }
        my ($wanted, $hidden, @next) = (part_pattern($part), $part =~ /^\./);
        for my $folder (@found) {
            opendir my $entries, "$folder/" or do { next if $!{ENOENT} || $!{ENOTDIR}; die "$!\n" };
            push @next, map { "$folder/$_" } grep { $_ =~ $wanted && ($hidden || !/^\./) && $_ ne '.' && $_ ne '..' } readdir $entries;
            die "there are more than $GLOB_LIMIT of them\n" if @next > $GLOB_LIMIT;
        }
        @found = @next;
    }
    return sort grep { -e } @found;
}

sub read_file {
    my ($number, $payload) = @_;
    my ($timeout, $limit, $path) = unpack 'N N N/a*', $payload;
    start_job($number, $timeout, $limit + length($path) + 8, 1, '', sub {
        my $text = eval { slurp($path, $limit) };
        die "$path: $@" if $@;
        give(pack('N/a* N/a*', $path, $text)) if defined $text;
    });
}

sub read_files {
    my ($number, $payload) = @_;
    my ($timeout, $limit, $with_text, $pattern) = unpack 'N N C N/a*', $payload;
    start_job($number, $timeout, $limit, 1, '', sub {
        my @paths = eval { find_files($pattern) };
        die "$pattern: $@" if $@;
        for my $path (@paths) {
            my $text = $with_text ? eval { slurp($path, $limit) } : '';
            die "$path: $@" if $@;
            # Gone since it was listed: then it is not there.
            give(pack('N/a* N/a*', $path, $text)) if defined $text;
        }
    });
}

# ---- writing ----

# Makes the folder and those on the way to it.
sub make_folder {
    my ($folder, $mode) = @_;
    return if $folder eq '' || -d $folder;
    make_folder($folder =~ s{/+[^/]*$}{}r, 0755);
    mkdir $folder, $mode or $!{EEXIST} or die "$!\n";
}

sub owner_of {
    my ($owner) = @_;
    my ($user, $group) = split /:/, $owner, 2;
    my $uid = $user =~ /^[0-9]+$/ ? $user : getpwnam $user;
    die "there is no user $user\n" unless defined $uid;
    my $gid = !defined $group ? -1 : $group =~ /^[0-9]+$/ ? $group : getgrnam $group;
    die "there is no group $group\n" unless defined $gid;
    return ($uid, $gid);
}

# Is the folder on FUSE? The cluster file system has modes and owners of its own and refuses to change them.
sub on_fuse {
    my ($folder) = @_;
    my ($best, $kind) = ('', '');
    sysopen my $mounts, '/proc/self/mounts', O_RDONLY or return 0;
    while (<$mounts>) {
        my (undef, $point, $type) = split / /;
        ($best, $kind) = ($point, $type) if length $point >= length $best && ($point eq '/' || "$folder/" =~ m{^\Q$point\E/});
    }
    return $kind =~ /^fuse/;
}

# Mode and owner are set only where they differ. The mode after the owner, whose change takes the bits of set-user-id away.
sub dress {
    my ($file, $folder, $mode, $uid, $gid) = @_;
    my @status = stat $file or die "$!\n";
    if (defined $uid && ($status[4] != $uid || ($gid >= 0 && $status[5] != $gid))) {
        chown $uid, $gid, $file or die "$!\n";
        @status = stat $file;
    }
    return if ($status[2] & 07777) == $mode;
    chmod $mode, $file or ($!{EPERM} && on_fuse($folder)) or die "$!\n";
}

sub put {
    my ($path, $content, $mode, $keep, $owner, $guarded, $before) = @_;
    for (my $links = 0; -l $path; $links++) {
        $! = POSIX::ELOOP();
        die "$!\n" if $links == 40;
        my $to = readlink $path;
        $path = $to =~ m{^/} ? $to : $path =~ s{[^/]*$}{}r . $to;
    }
    my ($folder, $name) = $path =~ m{^(.*?)/+([^/]+)$} or die "it names no file\n";
    make_folder($folder, 0755);
    my @old = lstat $path;
    die S_ISDIR($old[2]) ? "it is a folder\n" : "it is no regular file\n" if @old && !S_ISREG($old[2]);
    my ($uid, $gid) = length $owner ? owner_of($owner) : ();
    ($mode, $uid, $gid) = ($old[2] & 07777, $old[4], $old[5]) if @old && $keep;
    # What an interrupted run left behind goes: with the lock held nobody else writes here.
    my $new = "$folder/." . substr($name, 0, 200) . '.phxc-new';
    unlink $new;
    sysopen my $file, $new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600 or die "$!\n";
    eval {
        for (my $at = 0; $at < length $content;) {
            my $sent = syswrite $file, $content, length($content) - $at, $at;
            die "$!\n" unless defined $sent || $!{EINTR};
            $at += $sent // 0;
        }
        dress($file, $folder, $mode, $uid, $gid);
        $file->sync or die "$!\n";
        close $file or die "$!\n";
        die "the file was changed by someone else since it was read\n"
            if $guarded && (slurp($path, 1 << 30) // '') ne $before;
        rename $new, $path or die "$!\n";
        1;
    } or do {
        my $why = $@;
        unlink $new;
        die $why;
    };
    # The new name is on the disk once the folder is. Some file systems can't say so; the file is in its place all the same.
    my $entries;
    sysopen $entries, length $folder ? $folder : '/', O_RDONLY and $entries->sync;
}

sub write_file {
    my ($number, $payload) = @_;
    my ($timeout, $mode, $keep, $guarded, $path, $content, $owner, $before) = unpack 'N N C C N/a* N/a* N/a* N/a*', $payload;
    start_job($number, $timeout, 1 << 16, 0, '', sub { put($path, $content, $mode, $keep, $owner, $guarded, $before) });
}

# ---- the lock and the journal ----

sub open_state {
    make_folder($state, 0700);
    die "it is no folder\n" unless lstat $state && -d _;
}

# The kernel gives the lock back when this program ends, however it ends.
sub take_lock {
    my ($note) = @_;
    my $file = $lock;
    if (!$file) {
        open_state();
        sysopen $file, "$state/lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600 or die "$!\n";
    }
    if (!flock $file, LOCK_EX | LOCK_NB) {
        die "$!\n" unless $!{EWOULDBLOCK};
        sysread $file, my $holder, 400;
        return (1, $holder);
    }
    $lock = $file;
    write_note($note);
    return (0, '');
}

sub write_note {
    my ($note) = @_;
    die "the lock is not held\n" unless $lock;
    truncate $lock, 0 and sysseek $lock, 0, 0 and defined syswrite $lock, $note or die "$!\n";
}

sub make_journal {
    sysopen $journal, "$state/journal.ndjson", O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0600 or die "$!\n";
    my @status = stat $journal;
    if (!S_ISREG($status[2])) { undef $journal; die "it is no regular file\n" }
    return $status[7];
}

# Names are on the disk too, where the file system has such a thing.
sub keep_names {
    sysopen my $folder, $state, O_RDONLY | O_DIRECTORY or die "$!\n";
    $folder->sync or $!{EINVAL} or die "$!\n";
}

# Opens the journal, or turns to a new one where it is too long; what stands in it before the next line.
sub open_journal {
    open_state();
    my $size = make_journal();
    if ($size > $JOURNAL_TURN) {
        $journal->sync && rename "$state/journal.ndjson", "$state/journal.1.ndjson" or die "$!\n";
        keep_names();
        $size = make_journal();
    }
    # A run that was killed in the middle of a line left it open: the next must not be glued to it.
    my $last = "\n";
    sysseek $journal, -1, 2 and sysread $journal, $last, 1 if $size;
    keep_names();
    return "\n" if $last ne "\n";
    return '' if $size || !lstat "$state/journal.1.ndjson";
    my @now = gmtime;
    return sprintf qq({"time": "%04d-%02d-%02dT%02d:%02d:%02d.000Z", "run": "0000000000000000", "event": "older"}\n),
        $now[5] + 1900, $now[4] + 1, @now[3, 2, 1, 0];
}

sub append {
    my ($sync, $line) = @_;
    $line = open_journal() . $line if !$journal;
    while (length $line) {
        my $sent = syswrite $journal, $line;
        die "$!\n" unless defined $sent || $!{EINTR};
        substr $line, 0, $sent // 0, '';
    }
    $journal->sync or die "$!\n" if $sync;
}

# What is kept of the journal. In this order: what was the newest when it was read may be the older one by then, and is told once.
sub tell_journal {
    my ($newest, $older) = map { slurp("$state/$_", $JOURNAL_LIMIT) // '' } 'journal.ndjson', 'journal.1.ndjson';
    return (0, length $newest && index($older, $newest) == 0 ? $older : $older . $newest);
}

# Answers now: how it went (0 well, 1 the lock is another's, 2 failed), and the holder or the reason.
sub at_once {
    my ($number, $what) = @_;
    my @result = eval { $what->() };
    @result = (2, $@ =~ s/\n\z//r) if $@;
    answer($number, 'a', pack('C N/a*', @result));
}

# ---- what comes ----

my %KINDS = (
    R => \&run, F => \&read_file, G => \&read_files, W => \&write_file,
    K => sub { my $job = $jobs{$_[0]}; end_job($job, $CANCELLED) if $job },
    C => sub { my $job = $jobs{$_[0]}; end_job($job, $TIMEOUT) if $job },
    L => sub { my ($number, $note) = @_; at_once($number, sub { take_lock($note) }) },
    N => sub { my ($number, $note) = @_; at_once($number, sub { write_note($note); (0, '') }) },
    J => sub { my ($number, $payload) = @_; my ($sync, $line) = unpack 'C a*', $payload; at_once($number, sub { append($sync, $line); (0, '') }) },
    H => sub { at_once($_[0], \&tell_journal) },
);

sub take_requests {
    while (length $incoming >= 4) {
        my $length = unpack 'N', $incoming;
        last if length $incoming < 4 + $length;
        my ($number, $kind) = unpack 'x4 N a', $incoming;
        my $payload = substr $incoming, 9, $length - 5;
        substr $incoming, 0, 4 + $length, '';
        $KINDS{$kind}->($number, $payload) if $KINDS{$kind};
    }
}

sub turn {
    my ($read, $write) = ('', '');
    vec($read, 0, 1) = 1 unless $closing;
    vec($write, 1, 1) = 1 if length $outgoing && !$closing;
    for my $job (values %jobs) {
        for my $kept (grep { $_->{handle} } $job->{out}, $job->{err}) { vec($read, fileno $kept->{handle}, 1) = 1 }
        vec($write, fileno $job->{in}, 1) = 1 if $job->{in};
    }
    my $ready = select $read, $write, undef, %jobs ? $NAP : undef;
    ($read, $write) = ('', '') if $ready < 0;
    if (vec $read, 0, 1) {
        my $got = sysread STDIN, $incoming, 1 << 18, length $incoming;
        $closing = 1 if defined $got ? !$got : !($!{EAGAIN} || $!{EINTR});
    }
    if (vec $write, 1, 1) {
        my $sent = syswrite STDOUT, $outgoing, 1 << 18;
        $closing = 1 if !defined $sent && !($!{EAGAIN} || $!{EINTR});
        substr $outgoing, 0, $sent // 0, '';
    }
    for my $job (values %jobs) {
        for my $kept (grep { $_->{handle} && vec $read, fileno $_->{handle}, 1 } $job->{out}, $job->{err}) { read_output($job, $kept) }
        write_input($job) if $job->{in} && vec $write, fileno $job->{in}, 1;
        tend_job($job);
    }
    take_requests();
}

my ($user, $home) = (getpwuid $>)[0, 7];
$user //= $>;
$home = $ENV{HOME} || $home || '/';
$state = $> == 0 ? '/var/lib/phxc' : "$home/.local/state/phxc";
# Nothing of the login's but these: a plan must not depend on who carries it out.
my $path = ($ENV{PATH} ? "$ENV{PATH}:" : '') . '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
%ENV = (PATH => $path, HOME => $home, LANG => 'C.UTF-8', LC_ALL => 'C.UTF-8');
chdir '/';
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = sub { };                           # so that it ends the wait
$SIG{$_} = sub { $closing = 1 } for qw(HUP TERM INT);
STDOUT->blocking(0);
$outgoing = "phxc agent 1\n";
answer(0, 'h', pack('N N/a* N/a*', $>, $user, $state));
turn() until $closing && !%jobs;

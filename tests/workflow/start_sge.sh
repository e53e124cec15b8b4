#!/bin/sh
# Installs (Debian, as root) and starts Grid Engine on this one machine, without systemd. Does nothing when it runs.
set -eu
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default
if command -v qhost >/dev/null && pidof sge_execd >/dev/null && timeout 20 qconf -sq all.q >/dev/null 2>&1; then exit 0; fi
# Exit code 2: not here; 1: it should have started.
[ "$(id -u)" = 0 ] || { echo "Grid Engine cannot be started: not root"; exit 2; }
if ! command -v sge_qmaster >/dev/null || ! command -v sge_execd >/dev/null; then
    command -v apt-get >/dev/null || { echo "Grid Engine cannot be installed: no apt-get"; exit 2; }
    export DEBIAN_FRONTEND=noninteractive
    for package in common client master; do
        echo "gridengine-$package shared/gridengineconfig boolean true"
    done | debconf-set-selections
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 \
        gridengine-master gridengine-exec gridengine-client >/dev/null ||
        { echo "Grid Engine cannot be installed: apt-get has no gridengine"; exit 2; }
fi
common=$SGE_ROOT/default/common
# One name for this machine, whatever 127.0.0.1 is called in /etc/hosts.
echo "localhost $(hostname)" >"$common/host_aliases"
echo localhost >"$common/act_qmaster"
pidof sge_qmaster >/dev/null || setpriv --reuid sgeadmin --regid sgeadmin --init-groups sge_qmaster
as_admin() { setpriv --reuid sgeadmin --regid sgeadmin --init-groups timeout 20 qconf "$@" >/dev/null 2>&1; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
    as_admin -sconf && break
    sleep 0.5
done
as_admin -am root || true
as_admin -as localhost || true
files=$(mktemp -d)
quietly() { "$@" >"$files/said" 2>&1 || { cat "$files/said"; exit 1; }; }
# Root's jobs may run, and the queue is looked at each second.
qconf -sconf | sed 's/^min_uid.*/min_uid 0/; s/^min_gid.*/min_gid 0/' >"$files/global"
quietly qconf -Mconf "$files/global"
qconf -ssconf | sed 's/^schedule_interval.*/schedule_interval 0:0:1/; s/^flush_\(.*\)_sec.*/flush_\1_sec 1/' \
    >"$files/scheduler"
quietly qconf -Msconf "$files/scheduler"
cat >"$files/smp" <<PE
pe_name smp
slots 999
user_lists NONE
xuser_lists NONE
start_proc_args NONE
stop_proc_args NONE
allocation_rule \$pe_slots
control_slaves FALSE
job_is_first_task TRUE
urgency_slots min
accounting_summary FALSE
qsort_args NONE
PE
qconf -sp smp >/dev/null 2>&1 || quietly qconf -Ap "$files/smp"
cat >"$files/all.q" <<QUEUE
qname all.q
hostlist localhost
seq_no 0
load_thresholds NONE
suspend_thresholds NONE
nsuspend 1
suspend_interval 00:05:00
priority 0
min_cpu_interval 00:05:00
processors UNDEFINED
qtype BATCH INTERACTIVE
ckpt_list NONE
pe_list smp
rerun TRUE
slots $(nproc)
tmpdir /tmp
shell /bin/sh
prolog NONE
epilog NONE
shell_start_mode posix_compliant
starter_method NONE
suspend_method NONE
resume_method NONE
terminate_method NONE
notify 00:00:60
owner_list NONE
user_lists NONE
xuser_lists NONE
subordinate_list NONE
complex_values NONE
projects NONE
xprojects NONE
calendar NONE
initial_state default
s_rt INFINITY
h_rt INFINITY
s_cpu INFINITY
h_cpu INFINITY
s_fsize INFINITY
h_fsize INFINITY
s_data INFINITY
h_data INFINITY
s_stack INFINITY
h_stack INFINITY
s_core INFINITY
h_core INFINITY
s_rss INFINITY
h_rss INFINITY
s_vmem INFINITY
h_vmem INFINITY
QUEUE
qconf -sq all.q >/dev/null 2>&1 || quietly qconf -Aq "$files/all.q"
rm -rf "$files"
pidof sge_execd >/dev/null || sge_execd
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    qhost -q 2>/dev/null | grep -q lx-amd64 && exit 0
    sleep 0.5
done
echo "Grid Engine did not come up: see /tmp/*_messages.* and /var/spool/gridengine"
exit 1

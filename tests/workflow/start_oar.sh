#!/bin/sh
# Installs (Debian, as root) and starts OAR on this one machine, without systemd: a PostgreSQL of its own that listens to
# a socket of its folder alone, its server, and the sshd through which that starts jobs. Does nothing when it runs; else
# begins anew, with nothing queued.
set -eu
state=/var/lib/glasscli-oar
lives() { [ -s "$1" ] && [ -d "/proc/$(head -n 1 "$1")" ]; }
server_answers() { perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "127.0.0.1:6666")' 2>/dev/null; }
nodes_alive() { timeout 20 oarnodes 2>/dev/null | grep -q 'state : Alive'; }
if command -v oarsub >/dev/null && nodes_alive && server_answers && lives /run/oar-node_sshd.pid; then exit 0; fi
# Exit code 2: not here; 1: it should have started.
[ "$(id -u)" = 0 ] || { echo "OAR cannot be started: not root"; exit 2; }
if ! command -v Almighty >/dev/null || ! command -v oarsub >/dev/null || [ ! -e /etc/oar/sshd_config ] ||
    ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    command -v apt-get >/dev/null || { echo "OAR cannot be installed: no apt-get"; exit 2; }
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then # nothing is to start by being installed
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 \
        oar-server oar-server-pgsql oar-node oar-user oar-user-pgsql postgresql >/dev/null ||
        { echo "OAR cannot be installed: apt-get has no oar-server"; exit 2; }
fi
quietly() { "$@" >"$state/said" 2>&1 </dev/null || { echo "OAR did not come up: $*"; cat "$state/said"; exit 1; }; }
as() { user=$1 && shift && setpriv --reuid "$user" --regid "$user" --init-groups env HOME=/ "$@"; }
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
install -d -o postgres -g postgres -m 755 "$state"
for pid in /run/oar-server.pid /run/oar-node_sshd.pid; do
    if lives "$pid"; then kill "$(head -n 1 "$pid")"; fi
    rm -f "$pid"
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
    server_answers || break
    sleep 0.5
done
as postgres "$programs/pg_ctl" -D "$state/pg" -m immediate stop >/dev/null 2>&1 || true
rm -rf "$state/pg"
quietly as postgres "$programs/initdb" -D "$state/pg" -A trust -E UTF8 --locale=C --no-sync
options="-c listen_addresses='' -c unix_socket_directories='$state' -c fsync=off"
quietly as postgres "$programs/pg_ctl" -D "$state/pg" -w -l "$state/pg/log" -o "$options" start
set_key() {
    sed -i "/^[ #]*$1=/d" /etc/oar/oar.conf
    [ $# = 1 ] || echo "$1=\"$2\"" >>/etc/oar/oar.conf
}
set_key DB_HOSTNAME "$state"
set_key DB_BASE_PASSWD oar
set_key DB_BASE_PASSWD_RO oar
set_key LOG_FILE "$state/oar.log"
set_key SERVER_HOSTNAME LOCALHOST               # of `localhost` OAR makes the machine's name, which may have no address
set_key SCHEDULER_JOB_SECURITY_TIME 1           # between two jobs on a core
set_key SCHEDULER_MIN_TIME_BETWEEN_2_CALLS 0
set_key FINAUD_FREQUENCY 0                      # a busy machine is not a dead one
set_key JOB_RESOURCE_MANAGER_PROPERTY_DB_FIELD  # no cgroups
touch "$state/oar.log"
chown oar: "$state/oar.log"
# Jobs read nobody's .bashrc: OAR has every bash of theirs read it, one that it starts itself, too.
: >/var/lib/oar/.batch_job_bashrc
quietly oar-database --create --db-host="$state" --db-admin-user=postgres --db-admin-pass= --force-yes
# Root's jobs may run.
quietly psql -h "$state" -U postgres -qc "DELETE FROM admission_rules WHERE rule LIKE '%root and oar users%'" oar
mkdir -p /run/sshd
quietly /usr/sbin/sshd -f /etc/oar/sshd_config -o PidFile=/run/oar-node_sshd.pid -o ListenAddress=127.0.0.1
quietly as oar env HOME=/var/lib/oar ssh -p 6667 -o BatchMode=yes -o ConnectTimeout=20 127.0.0.1 true
quietly oar-server
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    server_answers && break
    sleep 0.5
done
quietly oarproperty -a core
cores=$(nproc)
for core in $(seq $((cores > 2 ? cores : 2))); do quietly oarnodesetting -a -h localhost -p core="$core"; done
if server_answers && nodes_alive; then exit 0; fi
echo "OAR did not come up: see $state/oar.log"
exit 1

#!/bin/sh
# Installs (Debian, as root) and starts SLURM on this one machine, without systemd or cgroups. Does nothing when it runs.
set -eu
command -v sinfo >/dev/null && timeout 20 sinfo -h >/dev/null 2>&1 && exit 0
[ "$(id -u)" = 0 ] || { echo "SLURM cannot be started: not root"; exit 1; }
if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null || ! command -v munged >/dev/null; then
    command -v apt-get >/dev/null || { echo "SLURM cannot be installed: no apt-get"; exit 1; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 \
        slurmctld slurmd slurm-client munge >/dev/null
fi
[ -s /etc/munge/munge.key ] || dd if=/dev/urandom of=/etc/munge/munge.key bs=1 count=1024 2>/dev/null
chown munge: /etc/munge/munge.key
chmod 400 /etc/munge/munge.key
install -d -o munge /run/munge /var/log/munge /var/lib/munge
chmod 755 /run/munge
pidof munged >/dev/null || setpriv --reuid munge --regid munge --clear-groups munged
state=${SLURM_STATE:-/var/lib/glasscli-slurm}
mkdir -p "$state/ctld" "$state/d" /etc/slurm
host=$(hostname -s)
cat >/etc/slurm/slurm.conf <<CONF
ClusterName=glass
SlurmctldHost=$host
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
JobRequeue=1
StateSaveLocation=$state/ctld
SlurmdSpoolDir=$state/d
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
NodeName=$host CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
pidof slurmctld >/dev/null || slurmctld
pidof slurmd >/dev/null || slurmd
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sinfo -h -o %T 2>/dev/null | grep -q idle && exit 0
    sleep 0.5
done
echo "SLURM did not come up: see $state/slurmctld.log"
exit 1

#!/bin/bash
#OAR -n anneal
#OAR --array 3
#OAR -l /nodes=1/core=4,walltime=01:30:00
#OAR -O glasscli-tasks/anneal-%jobid%.out
#OAR -E glasscli-tasks/anneal-%jobid%.out
#OAR -t idempotent
#OAR --checkpoint 120
#OAR -q long
#OAR --project glass
# as it is

module load 'gcc/12 beta'
source venv/bin/activate
cd '/data/a b; touch x/$(id)' || exit 1
script=glasscli-tasks/anneal.sh
part="${OAR_ARRAY_INDEX:-1}"
glasscli work anneal --jobs 4 --walltime 5400 --part "$part" &
child=$!
# The scheduler's warning comes to this shell: pass it on, and wait for the last checkpoint.
trap 'kill -TERM "$child" 2>/dev/null' TERM USR1 USR2
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
[ "$code" -eq 143 ] && code=75  # the warning came before glasscli listened
if [ "$code" -eq 75 ] && [ ! -e glasscli-tasks/cancelled ]; then
    [ "$SECONDS" -gt 61 ] || sleep $((62 - SECONDS))
    exit 99
fi
exit "$code"

#!/bin/bash
#BSUB -J "anneal[1-3]"
#BSUB -n 4
#BSUB -R "span[hosts=1]"
#BSUB -W 90
#BSUB -o glasscli-tasks/anneal-%J_%I.out
#BSUB -Q "75"
#BSUB -wt 2
#BSUB -wa USR1
#BSUB -q long
#BSUB -P glass
# as it is

module load 'gcc/12 beta'
source venv/bin/activate
cd '/data/a b; touch x/$(id)' || exit 1
script=glasscli-tasks/anneal.sh
part="${LSB_JOBINDEX:-1}"
glasscli work anneal --jobs 4 --walltime 5400 --part "$part" &
child=$!
# The scheduler's warning comes to this shell: pass it on, and wait for the last checkpoint.
trap 'kill -TERM "$child" 2>/dev/null' TERM USR1 USR2
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
[ "$code" -eq 143 ] && code=75  # the warning came before glasscli listened
if [ "$code" -eq 75 ] && [ ! -e glasscli-tasks/cancelled ]; then
    exit 75
fi
exit "$code"

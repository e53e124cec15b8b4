#!/bin/bash
#PBS -N anneal
#PBS -J 1-3
#PBS -l select=1:ncpus=4
#PBS -l walltime=01:30:00
#PBS -j oe
#PBS -r y
#PBS -q long
#PBS -A glass
# as it is

module load 'gcc/12 beta'
source venv/bin/activate
cd '/data/a b; touch x/$(id)' || exit 1
script=glasscli-tasks/anneal.sh
part="${GLASSCLI_PART:-${PBS_ARRAY_INDEX:-1}}"
glasscli work anneal --jobs 4 --walltime 5400 --part "$part" &
child=$!
# The scheduler's warning comes to this shell: pass it on, and wait for the last checkpoint.
trap 'kill -TERM "$child" 2>/dev/null' TERM USR1 USR2
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
[ "$code" -eq 143 ] && code=75  # the warning came before glasscli listened
if [ "$code" -eq 75 ] && [ ! -e glasscli-tasks/cancelled ]; then
    grep -v '^#PBS -J' "$script" | qsub -v "GLASSCLI_PART=$part" -
fi
exit "$code"

#!/bin/bash
#SBATCH --job-name=anneal
#SBATCH --array=1-3
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --time=01:30:00
#SBATCH --output=glasscli-tasks/%x-%A_%a.out
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --partition=long
#SBATCH --account=glass
# as it is

module load 'gcc/12 beta'
source venv/bin/activate
cd '/data/a b; touch x/$(id)' || exit 1
script=glasscli-tasks/anneal.sh
part="${SLURM_ARRAY_TASK_ID:-1}"
glasscli work anneal --jobs 4 --walltime 5400 --part "$part" &
child=$!
# The scheduler's warning comes to this shell: pass it on, and wait for the last checkpoint.
trap 'kill -TERM "$child" 2>/dev/null' TERM USR1 USR2
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
[ "$code" -eq 143 ] && code=75  # the warning came before glasscli listened
if [ "$code" -eq 75 ] && [ ! -e glasscli-tasks/cancelled ]; then
    job="${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
    # scancel leads here too; only what was not cancelled is queued again.
    scontrol show job "$job" | grep -q JobState=RUNNING || exit "$code"
    (setsid sh -c 'for wait in 2 2 4 8 16; do sleep "$wait"; scontrol update jobid="$1" starttime=now; done' \
        sh "$job" >/dev/null 2>&1 &)
    scontrol requeue "$job"
fi
exit "$code"

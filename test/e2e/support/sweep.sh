#!/bin/sh
# Removes what a run of the tests has left: the cgroups of its nodes and its folder. What else there was, the kernel has
# ended together with the workers. With a PID it waits first until that process has ended, and ends its workers.
#   sweep.sh FOLDER [PID]
set -u
folder=$1
if [ $# -gt 1 ]; then
  tail --pid="$2" -f /dev/null
  for worker in "$folder"/worker-*; do
    [ -e "$worker" ] && kill -KILL "${worker##*-}" 2>/dev/null
  done
fi
for node in "$folder"/test-node-*; do
  [ -d "$node" ] || continue
  tries=0
  while find /sys/fs/cgroup -maxdepth 2 -type d -name "${node##*/}" | grep -q . && [ "$tries" -lt 100 ]; do
    find /sys/fs/cgroup -depth -type d -path "*/${node##*/}*" -exec rmdir {} + 2>/dev/null
    tries=$((tries + 1))
    sleep 0.1 # the kernel is still ending the processes
  done
done
rm -rf "$folder"

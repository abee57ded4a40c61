#!/usr/bin/env bash
# One Ceph node with an S3 gateway, for the store tests: everything below one folder, everything on loopback.
#
#   ceph.sh up FOLDER GATEWAY_PORT MONITOR_PORT    returns when a bucket can be made; keys: see the last lines
#   ceph.sh down FOLDER
#
# Needs ceph-mon, ceph-mgr, ceph-osd, radosgw, ceph (the client) and uuidgen.
set -euo pipefail

verb=$1
folder=$(realpath -m "$2")
settings=$folder/ceph.conf

if [[ $verb == down ]]; then
    shopt -s nullglob
    for file in "$folder"/run/*.pid; do
        kill "$(<"$file")" 2>/dev/null || true
    done
    exit 0
fi

gateway=$3
monitor=$4
cluster=$(uuidgen)
mkdir -p "$folder"/run "$folder"/mon "$folder"/mgr "$folder"/osd

cat >"$settings" <<END
[global]
fsid = $cluster
mon host = [v2:127.0.0.1:$monitor]
ms bind msgr1 = false
public network = 127.0.0.0/8
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $folder/keyring
run dir = $folder/run
pid file = $folder/run/\$name.pid
admin socket = $folder/run/\$name.asok
log file = $folder/run/\$name.log
# A single copy on a single disk, and few placement groups: this is about S3's answers, not about safety.
mon allow pool size one = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon max pg per osd = 2000
mon data avail warn = 2
mon data avail crit = 1
[mon]
mon data = $folder/mon
[mgr]
mgr data = $folder/mgr
mgr initial modules =
[osd]
osd data = $folder/osd
osd objectstore = bluestore
bluestore block size = 4294967296
osd memory target = 1000000000
[client.gateway]
rgw frontends = beast endpoint=127.0.0.1:$gateway
END

within() { # SECONDS COMMAND…: until the command succeeds
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || { echo "gave up on: $*" >&2; return 1; }
        sleep 0.3
    done
}
admin() { ceph --conf "$settings" --connect-timeout 30 "$@"; }
one_osd_up() { admin osd stat | grep -q ' 1 up'; }

ceph-authtool --create-keyring "$folder/keyring" --gen-key --name mon. --cap mon 'allow *' >/dev/null
ceph-authtool "$folder/keyring" --gen-key --name client.admin \
    --cap mon 'allow *' --cap mgr 'allow *' --cap osd 'allow *' >/dev/null
monmaptool --create --fsid "$cluster" --addv one "[v2:127.0.0.1:$monitor]" "$folder/monmap" >/dev/null
ceph-mon --conf "$settings" --id one --mkfs --monmap "$folder/monmap" --keyring "$folder/keyring"
ceph-mon --conf "$settings" --id one

admin auth get-or-create mgr.one mon 'allow profile mgr' osd 'allow *' mds 'allow *' >>"$folder/keyring"
ceph-mgr --conf "$settings" --id one

disk=$(uuidgen)
number=$(admin osd new "$disk")
admin auth get-or-create "osd.$number" mon 'allow profile osd' mgr 'allow profile osd' osd 'allow *' >>"$folder/keyring"
ceph-osd --conf "$settings" --id "$number" --mkfs --osd-uuid "$disk" 2>/dev/null
ceph-osd --conf "$settings" --id "$number" >/dev/null
within 60 one_osd_up

admin auth get-or-create client.gateway mon 'allow rw' mgr 'allow rw' osd 'allow rwx' >>"$folder/keyring"
radosgw --conf "$settings" --name client.gateway
within 90 bash -c "exec 3<>/dev/tcp/127.0.0.1/$gateway"
radosgw-admin --conf "$settings" user create --uid archivist --display-name archivist \
    --access-key loopback --secret-key loopback-only >/dev/null

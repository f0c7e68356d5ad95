// Several model hosts as the nodes of one cluster: what they share, and getting at another one.
#ifndef PHX_SANDBOX_CLUSTER_H
#define PHX_SANDBOX_CLUSTER_H

#include "host.h"

/// A host in DIR/nodes/NAME is the node NAME of a cluster if there is a folder DIR/cluster: that is /etc/pve of all of its nodes then, each with its
/// own guests under /etc/pve/lxc and /etc/pve/qemu-server. Takes the cluster's lock, which is held until the process ends.
void cluster_join(Host *host);

/// Opens another node of the cluster, which must have been called once, in [other]; false if there is none of that name.
bool cluster_open(Host *host, const char *node, Host *other);

#endif
